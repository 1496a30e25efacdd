import type { Chromaticity, Primaries, Transfer } from './iccProfile.ts';

const d65: Chromaticity = [0.3127, 0.329];

export const srgb: Primaries = { white: d65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };

/** ITU-T H.273, table 2. */
export const primariesByNumber: Record<number, Primaries> = {
  1: srgb,
  5: { white: d65, red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06] },
  6: { white: d65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] },
  7: { white: d65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] },
  9: { white: d65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] },
  11: { white: [0.314, 0.351], red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
  12: { white: d65, red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] },
};

export const srgbCurve: Transfer = { exponent: 2.4, offset: 0.055, slope: 12.92, from: 0.04045 };
const videoCurve: Transfer = { exponent: 1 / 0.45, offset: 0.099, slope: 4.5, from: 0.081 };

/** ITU-T H.273, table 3, without HDR (16, 18) and what no photo has. */
export const transferByNumber: Record<number, Transfer> = {
  1: videoCurve,
  4: 2.2,
  5: 2.8,
  6: videoCurve,
  8: 1,
  13: srgbCurve,
  14: videoCurve,
  15: videoCurve,
};

/** Adobe RGB (1998): another green, and an exponent of its own. */
export const adobeRgb: Primaries = { ...srgb, green: [0.21, 0.71] };
export const adobeRgbCurve: Transfer = 563 / 256;
