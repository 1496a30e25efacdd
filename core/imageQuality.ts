/** Measured on the grey image at the model's input size, so that one threshold serves every photo size. */
export interface ExposureAndSharpness {
  /** Variance of the 4-neighbour Laplacian (Pech-Pacheco et al. 2000): low means blurred. */
  sharpness: number;
  /** Mean grey value, 0 to 255. */
  brightness: number;
  /** Standard deviation of the grey values. */
  contrast: number;
}

/** @param rgb uint8 [height, width, 3], at least 3 × 3 pixels */
export function measureQuality(rgb: Uint8Array, width: number, height: number): ExposureAndSharpness {
  const grey = new Uint8Array(width * height);
  let sum = 0;
  let squares = 0;
  // Once per pixel of every photo: integers, and one pass.
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += 3) {
    const luma = (77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8; // ITU-R BT.601
    grey[pixel] = luma;
    sum += luma;
    squares += luma * luma;
  }
  const brightness = sum / grey.length;
  const contrast = Math.sqrt(Math.max(0, squares / grey.length - brightness ** 2));
  return { brightness, contrast, sharpness: laplacianVariance(grey, width) };
}

function laplacianVariance(grey: Uint8Array, width: number): number {
  let sum = 0;
  let squares = 0;
  for (let row = width; row < grey.length - width; row += width) {
    for (let at = row + 1; at < row + width - 1; at++) {
      const value = grey[at - 1]! + grey[at + 1]! + grey[at - width]! + grey[at + width]! - 4 * grey[at]!;
      sum += value;
      squares += value * value;
    }
  }
  const count = (width - 2) * (grey.length / width - 2);
  return squares / count - (sum / count) ** 2;
}
