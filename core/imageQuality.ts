/** Measured on the grey image at the model's input size, so that one threshold serves every photo size. */
export interface ExposureAndSharpness {
  /** Variance of the 4-neighbour Laplacian (Pech-Pacheco et al. 2000): low means blurred. */
  sharpness: number;
  /** Mean grey value, 0 to 255. */
  brightness: number;
  /** Standard deviation of the grey values. */
  contrast: number;
}

/** @param rgb uint8 [height, width, 3] */
export function measureQuality(rgb: Uint8Array, width: number, height: number): ExposureAndSharpness {
  const grey = luma(rgb, width * height);
  const brightness = mean(grey);
  return { brightness, contrast: Math.sqrt(variance(grey, brightness)), sharpness: laplacianVariance(grey, width) };
}

/** ITU-R BT.601 luma in integer arithmetic; it runs once per pixel of every photo. */
function luma(rgb: Uint8Array, pixels: number): Uint8Array {
  const grey = new Uint8Array(pixels);
  for (let pixel = 0, at = 0; pixel < pixels; pixel++, at += 3) {
    grey[pixel] = (77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8;
  }
  return grey;
}

function mean(values: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function variance(values: Uint8Array, average: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - average) ** 2;
  return sum / values.length;
}

function laplacianVariance(grey: Uint8Array, width: number): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let row = width; row < grey.length - width; row += width) {
    for (let at = row + 1; at < row + width - 1; at++) {
      const value = grey[at - 1]! + grey[at + 1]! + grey[at - width]! + grey[at + width]! - 4 * grey[at]!;
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return squares / count - (sum / count) ** 2;
}
