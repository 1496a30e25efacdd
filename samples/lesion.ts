import { seeded } from './nonLesions/drawing.ts';

/** Pixels; `centre` and `radii` are x and y. */
export interface Scene {
  width: number;
  height: number;
  centre: readonly [number, number];
  radii: readonly [number, number];
}

/** Smooth value noise on a lattice of the given cell size in pixels, -1 to 1. */
function valueNoise({ width, height }: Scene, random: () => number, cell: number): (x: number, y: number) => number {
  const columns = Math.ceil(width / cell) + 2;
  const lattice = Array.from({ length: columns * (Math.ceil(height / cell) + 2) }, () => random() * 2 - 1);
  const smooth = (t: number) => t * t * (3 - 2 * t);
  const mix = (a: number, b: number, t: number) => a + (b - a) * t;
  return (x, y) => {
    const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
    const [u, v] = [smooth(x / cell - column), smooth(y / cell - row)];
    const at = (c: number, r: number) => lattice[(row + r) * columns + column + c]!;
    return mix(mix(at(0, 0), at(1, 0), u), mix(at(0, 1), at(1, 1), u), v);
  };
}

const skin = [217, 181, 190];
const pigment = [120, 70, 48];
const core = [75, 38, 43];

/**
 * Draws a pigmented lesion on skin. It is nobody's, and looks enough like a dermoscopy photo for the model to take it as
 * one: its colours and textures were chosen so. The same scene gives the same picture every time.
 *
 * @returns uint8 [height, width, 3]
 */
export function drawLesion(scene: Scene): Uint8Array {
  const { width, height, centre, radii } = scene;
  const random = seeded(20180918);
  const coarse = valueNoise(scene, random, 90);
  const medium = valueNoise(scene, random, 28);
  const fine = valueNoise(scene, random, 7);
  const grain = valueNoise(scene, random, 3);
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [(x - centre[0]) / radii[0], (y - centre[1]) / radii[1]];
      const radius = Math.hypot(dx, dy) + 0.1 * coarse(x, y) + 0.07 * medium(x, y) + 0.02 * fine(x, y);
      const inside = 1 / (1 + Math.exp((radius - 0.95) * 11));
      const deep = 1 / (1 + Math.exp((radius - 0.45 - 0.15 * medium(x, y)) * 9));
      const vignette = 1 - 0.16 * ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 4;
      const texture = 14 * coarse(x, y) + 10 * medium(x, y) + 5 * fine(x, y) + 3 * grain(x, y);
      for (let channel = 0; channel < 3; channel++) {
        const lesion = pigment[channel]! * (1 - deep) + core[channel]! * deep + 11 * fine(x, y) * inside;
        const value = (skin[channel]! * (1 - inside) + lesion * inside) * vignette + texture;
        rgb[(y * width + x) * 3 + channel] = Math.max(0, Math.min(255, value));
      }
    }
  }
  return rgb;
}
