import type { Sharp } from 'sharp';

/** Ways in which a photo goes wrong, by how much, for photos of 224 px. */
export const degradations = {
  /** Gaussian, sigma in pixels. */
  blur: (sigma: number) => (photo: Sharp) => photo.blur(sigma),
  /** Less light on the same scale. */
  darken: (share: number) => (photo: Sharp) => photo.linear(share, 0),
  /** More light; what is above white is lost. */
  overexpose: (factor: number) => (photo: Sharp) => photo.linear(factor, 0),
  /** Towards an even light grey-pink. */
  flatten: (share: number) => (photo: Sharp) => photo.linear(share, 150 * (1 - share)),
  shrink: (side: number) => (photo: Sharp) => photo.resize(side, side),
};
