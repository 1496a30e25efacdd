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

const ink: Colour = [25, 25, 30];
const paper: Colour = [246, 244, 236];
const middle = aspect / 2;

export function bus(random: Random): Painting {
  const body = anyColour(random, 60, 255);
  const grain = noise(random, 0.006);
  return (x, y) => {
    if ([0.4, 0.95].some((wheel) => Math.hypot(x - wheel, y - 0.78) < 0.08)) return ink;
    const onBus = x > 0.15 && x < 1.2 && y > 0.3 && y < 0.78;
    if (onBus && y > 0.38 && y < 0.55 && (x * 6) % 1 > 0.15) return [150, 190, 215];
    if (onBus) return shade(body, y > 0.6 ? 0.85 : 1);
    return y > 0.78 ? shade([95, 95, 98], 0.8 + 0.4 * grain(x, y)) : mix([120, 170, 230], [220, 230, 240], y);
  };
}

export function cartoon(random: Random): Painting {
  const [ground, skin, hair] = [
    anyColour(random, 120, 255),
    pick<Colour>(random, [
      [255, 214, 60],
      [250, 190, 160],
    ]),
    anyColour(random),
  ];
  return (x, y) => {
    const radius = Math.hypot((x - middle) / 0.34, (y - 0.52) / 0.38);
    const eye = Math.min(Math.hypot(x - middle + 0.12, y - 0.45), Math.hypot(x - middle - 0.12, y - 0.45));
    const mouth = Math.hypot(x - middle, y - 0.6);
    if (eye < 0.025) return ink;
    if (eye < 0.075) return eye > 0.068 ? ink : [255, 255, 255];
    if (mouth < 0.14 && y > 0.63) return mouth > 0.128 || y < 0.642 ? ink : [200, 40, 50];
    if (radius < 1) return radius > 0.96 ? ink : skin;
    return y < 0.5 && radius < 1.16 ? (radius > 1.12 ? ink : hair) : ground;
  };
}

export function cityscape(random: Random): Painting {
  const height = cellValue(random() * 2 ** 31);
  const lit = cellValue(random() * 2 ** 31);
  const dusk = anyColour(random, 60, 160);
  return (x, y) => {
    const tower = Math.floor(x * 9);
    if (y < 0.25 + 0.55 * height(tower, 0)) return mix(dusk, [250, 190, 130], y);
    const window = (x * 45) % 1 > 0.35 && (y * 36) % 1 > 0.4;
    if (window && lit(Math.floor(x * 45), Math.floor(y * 36)) > 0.5) return [250, 225, 140];
    return shade([60, 64, 84], 0.6 + 0.5 * height(tower, 1));
  };
}

export function face(random: Random): Painting {
  const skin = pick<Colour>(random, [
    [236, 196, 170],
    [198, 146, 114],
    [120, 80, 60],
  ]);
  const [hair, wall] = [
    pick<Colour>(random, [
      [40, 28, 22],
      [110, 70, 40],
      [200, 170, 110],
    ]),
    anyColour(random, 90, 220),
  ];
  const pores = noise(random, 0.012);
  return (x, y) => {
    const radius = Math.hypot((x - middle) / 0.3, (y - 0.54) / 0.4);
    if (radius > 1) return mix(hair, wall, step(Math.hypot((x - middle) / 0.38, (y - 0.46) / 0.46), 1, 0.05));
    const lips = Math.hypot((x - middle) / 0.11, (y - 0.76) / 0.035);
    const nose = Math.hypot((x - middle) / 0.05, (y - 0.6) / 0.13);
    const [ex, ey] = [Math.abs(x - middle) - 0.12, y - 0.46];
    if (Math.hypot(ex, ey) < 0.02) return ink;
    if (Math.hypot(ex / 0.055, ey / 0.025) < 1) return [245, 243, 240];
    if (Math.abs(ex) < 0.07 && Math.abs(y - 0.385) < 0.01) return hair;
    const lit = 1.05 - 0.35 * radius ** 3 + (nose < 1 ? 0.06 : 0) + 0.06 * pores(x, y);
    return shade(mix(skin, [185, 80, 80], 1 - step(lips, 1, 0.2)), lit);
  };
}

export function fruit(random: Random): Painting {
  const peel = pick<Colour>(random, [
    [235, 140, 30],
    [190, 40, 40],
    [120, 170, 60],
  ]);
  const table = pick<Colour>(random, [
    [190, 150, 110],
    [230, 228, 224],
    [70, 90, 120],
  ]);
  const dimples = noise(random, 0.012);
  return (x, y) => {
    const [dx, dy] = [(x - middle) / 0.33, (y - 0.52) / 0.33];
    const radius = Math.hypot(dx, dy);
    const shadow = Math.hypot((x - middle - 0.1) / 0.38, (y - 0.82) / 0.1);
    if (radius > 1) return shade(table, 0.7 + 0.3 * step(shadow, 1, 0.4));
    const light = Math.sqrt(1 - radius ** 2) * 0.7 + 0.45 - 0.25 * (dx + dy);
    const glint = 1 - step(Math.hypot(dx + 0.35, dy + 0.4), 0.12, 0.15);
    return mix(shade(peel, light * (0.94 + 0.12 * dimples(x, y))), [255, 255, 255], glint * 0.8);
  };
}

export function handwriting(random: Random): Painting {
  const line = between(random, 0.08, 0.12);
  const pen = pick<Colour>(random, [[30, 50, 150], ink, [150, 30, 40]]);
  const lift = noise(random, 0.09);
  const sway = noise(random, 0.03);
  return (x, y) => {
    const row = Math.floor(y / line);
    const height = 0.5 + 0.28 * Math.sin(x * 95 + 7 * sway(x, row)) * (0.4 + sway(x * 0.7, row + 9));
    const written = lift(x, row * 3) > 0.35 && x > 0.1 && x < aspect - 0.08;
    if (written && Math.abs(((y / line) % 1) - height) < 0.09) return pen;
    return (y / line) % 1 > 0.97 ? [170, 190, 225] : paper;
  };
}

export function keyboard(random: Random): Painting {
  const key = between(random, 0.1, 0.16);
  const [cap, legend] =
    random() < 0.5
      ? ([
          [45, 45, 48],
          [225, 225, 225],
        ] as const)
      : ([
          [232, 232, 228],
          [50, 50, 55],
        ] as const);
  const glyph = cellValue(random() * 2 ** 31);
  return (x, y) => {
    const row = Math.floor(y / key);
    const along = x / key + row * 0.3;
    const [u, v] = [along % 1, (y / key) % 1];
    if (u < 0.08 || u > 0.92 || v < 0.08 || v > 0.92) return [18, 18, 20];
    const [column, line] = [Math.floor((u - 0.2) * 14), Math.floor((v - 0.2) * 14)];
    const onGlyph = column >= 0 && column < 4 && line >= 0 && line < 5;
    const drawn = onGlyph && glyph(column + 10 * Math.floor(along), line + 10 * row) > 0.45;
    return drawn ? legend : shade(cap, 1.05 - 0.2 * v);
  };
}

export function landscape(random: Random): Painting {
  const ridge = clouds(random, 0.5);
  const meadow = noise(random, 0.008);
  const sky = clouds(random, 0.4);
  const grass = pick<Colour>(random, [
    [80, 130, 50],
    [150, 140, 70],
    [60, 100, 60],
  ]);
  return (x, y) => {
    const hills = 0.35 + 0.25 * ridge(x, 0);
    if (y < hills) return mix([110, 160, 220], [240, 244, 248], 0.3 * y + 0.6 * step(sky(x, y), 0.55, 0.3));
    if (y < 0.62) return mix([70, 90, 120], [95, 120, 95], step(y, hills + 0.1, 0.2));
    return shade(grass, 0.6 + 0.6 * meadow(x, y * (1.4 - y)) + 0.2 * (y - 0.62));
  };
}

export function nightSky(random: Random): Painting {
  const star = cellValue(random() * 2 ** 31);
  const haze = clouds(random, 0.5);
  return (x, y) => {
    const [column, row] = [Math.floor(x * 110), Math.floor(y * 110)];
    const brightness = star(column, row);
    const distance = Math.hypot(((x * 110) % 1) - 0.5, ((y * 110) % 1) - 0.5);
    if (brightness > 0.985 && distance < 0.45) return shade([255, 250, 235], (brightness - 0.98) * 50);
    return mix([6, 8, 20], [60, 50, 90], step(haze(x, y), 0.55, 0.4) * 0.6);
  };
}

export function roadMap(random: Random): Painting {
  const bend = noise(random, 0.4);
  const wood = clouds(random, 0.4);
  const angle = random();
  return (x, y) => {
    const [u, v] = [x + angle * y + 0.12 * bend(x, y), y - angle * x * 0.5 + 0.12 * bend(y, x)];
    const highway = Math.abs(((u * 1.5) % 1) - 0.5) < 0.022;
    const street = Math.abs(((u * 8 + 40) % 1) - 0.5) < 0.05 || Math.abs(((v * 7 + 40) % 1) - 0.5) < 0.05;
    if (highway) return [246, 180, 80];
    if (street) return [255, 255, 255];
    return wood(x, y) > 0.6 ? [190, 222, 170] : [236, 232, 222];
  };
}

export function textPage(random: Random): Painting {
  const line = between(random, 0.035, 0.07);
  const stroke = cellValue(random() * 2 ** 31);
  const space = cellValue(random() * 2 ** 31);
  return (x, y) => {
    const row = Math.floor(y / line);
    const [column, letter] = [Math.floor((x / line) * 8), Math.floor((x / line) * 2)];
    const inColumn = x > 0.1 && x < aspect - 0.1 - 0.25 * space(row, 3) && y > 0.08 && y < 0.94;
    const inLine = (y / line) % 1 > 0.25 && (y / line) % 1 < 0.8;
    const inked = stroke(column, Math.floor((y / line) * 9)) > 0.5 && column % 4 !== 3;
    return inColumn && inLine && inked && space(letter, row) > 0.17 ? ink : paper;
  };
}

export function trafficSign(random: Random): Painting {
  const round = random() < 0.5;
  const trees = clouds(random, 0.25);
  return (x, y) => {
    const [dx, dy] = [x - middle, y - 0.45];
    const reach = round
      ? Math.hypot(dx, dy) / 0.32
      : Math.max((Math.abs(dx) * 1.73 + dy) / 0.32, (-dy + 0.1) / 0.4, dy / 0.28);
    const bar = Math.abs(dx) < 0.045 && Math.abs(dy - 0.02) < 0.14;
    if (reach < 0.78) return bar ? ink : [250, 250, 250];
    if (reach < 1) return [200, 25, 35];
    if (Math.abs(dx) < 0.025 && dy > 0) return [150, 152, 155];
    return mix([70, 110, 60], [170, 200, 230], step(trees(x, y), 0.5, 0.2));
  };
}
