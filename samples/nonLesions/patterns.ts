import {
  anyColour,
  aspect,
  between,
  type Colour,
  cellValue,
  clouds,
  mix,
  noise,
  type Painting,
  pick,
  type Random,
  shade,
  step,
} from './drawing.ts';

const black: Colour = [12, 12, 14];
const white: Colour = [250, 250, 248];

export function barcode(random: Random): Painting {
  const bars = 60;
  const dark = cellValue(random() * 2 ** 31);
  const bottom = between(random, 0.6, 0.95);
  return (x, y) => {
    const inside = x > 0.12 && x < aspect - 0.12 && y > 0.08 && y < bottom;
    return inside && dark(Math.floor((x / aspect) * bars), 0) > 0.5 ? black : white;
  };
}

export function brickWall(random: Random): Painting {
  const [high, wide] = [between(random, 0.06, 0.12), between(random, 0.18, 0.3)];
  const brick = pick<Colour>(random, [
    [160, 72, 50],
    [120, 60, 48],
    [190, 150, 120],
  ]);
  const own = cellValue(random() * 2 ** 31);
  const grain = noise(random, 0.01);
  return (x, y) => {
    const row = Math.floor(y / high);
    const along = x / wide + (row % 2) / 2;
    const [u, v] = [along % 1, (y / high) % 1];
    const mortar = u < 0.05 || v < 0.12;
    const tone = 0.75 + 0.3 * own(Math.floor(along), row) + 0.2 * grain(x, y);
    return shade(mortar ? [176, 170, 160] : brick, tone);
  };
}

export function checkerboard(random: Random): Painting {
  const side = between(random, 0.05, 0.2);
  const [one, other] = [anyColour(random, 0, 90), anyColour(random, 160, 255)];
  return (x, y) => ((Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? one : other);
}

export function cloudySky(random: Random): Painting {
  const cover = clouds(random, between(random, 0.3, 0.7));
  const sky = pick<Colour>(random, [
    [70, 130, 210],
    [120, 170, 230],
    [90, 100, 140],
  ]);
  return (x, y) => mix(mix(sky, white, y * 0.3), white, step(cover(x, y), 0.52, 0.25));
}

export function flag(random: Random): Painting {
  const colours = [anyColour(random), pick<Colour>(random, [white, [240, 200, 40]]), anyColour(random)];
  const upright = random() < 0.5;
  return (x, y) => colours[Math.min(2, Math.floor((upright ? x / aspect : y) * 3))]!;
}

export function gradient(random: Random): Painting {
  const [from, to] = [anyColour(random), anyColour(random)];
  const angle = random() * Math.PI;
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => mix(from, to, 0.5 + ((x / aspect - 0.5) * dx + (y - 0.5) * dy) / 1.5);
}

export function oneColour(random: Random): Painting {
  const colour = pick(random, [anyColour(random), [214, 168, 145], white, black, [128, 128, 128]] as const);
  return () => colour;
}

export function polkaDots(random: Random): Painting {
  const [ground, dot] = [anyColour(random, 120, 255), anyColour(random, 0, 255)];
  const [cell, radius] = [between(random, 0.08, 0.2), between(random, 0.25, 0.4)];
  return (x, y) => {
    const shift = Math.floor(y / cell) % 2 === 0 ? 0 : 0.5;
    const [u, v] = [((x / cell + shift) % 1) - 0.5, ((y / cell) % 1) - 0.5];
    return mix(dot, ground, step(Math.hypot(u, v), radius, 0.06));
  };
}

export function stripes(random: Random): Painting {
  const colours = [anyColour(random), anyColour(random), anyColour(random)];
  const [width, slope] = [between(random, 0.03, 0.12), between(random, -1, 1)];
  return (x, y) => colours[Math.floor((x + slope * y + 2) / width) % 3]!;
}

export function tartan(random: Random): Painting {
  const colours = [anyColour(random, 0, 120), anyColour(random, 60, 200), anyColour(random, 0, 255)];
  const thread = cellValue(random() * 2 ** 31);
  const sett = (t: number) => colours[Math.floor(thread(Math.floor(t * 40) % 14, 7) * 3)]!;
  return (x, y) => mix(sett(x), sett(y), (Math.floor(x * 300) + Math.floor(y * 300)) % 2 === 0 ? 0.75 : 0.25);
}

export function whiteNoise(random: Random): Painting {
  const grey = random() < 0.5;
  return () => {
    const value = random() * 255;
    return grey ? [value, value, value] : [value, random() * 255, random() * 255];
  };
}

export function woodGrain(random: Random): Painting {
  const bend = clouds(random, 0.5);
  const fibre = noise(random, 0.008);
  const light = pick<Colour>(random, [
    [205, 160, 105],
    [150, 100, 60],
    [225, 195, 150],
  ]);
  const rings = between(random, 14, 30);
  return (x, y) => {
    const ring = Math.sin((y + 0.35 * bend(x * 0.3, y)) * rings * Math.PI);
    const board = Math.abs((y * 3) % 1) < 0.015 ? 0.45 : 1;
    return shade(light, board * (0.82 + 0.12 * ring + 0.12 * fibre(x * 0.08, y)));
  };
}
