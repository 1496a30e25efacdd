// Generated from schema.graphql by `npm run codegen`. Do not edit.
/**
 * Files that people send though they are not taken, and what they are told: the same by server, client and CLI. The
 * client has this folder too, by code generation, so it uses nothing that a browser lacks.
 */

export const sendAPhoto = 'Send a JPEG, PNG or WebP photo';
const exportIt = 'open it in the program that made it and export it as JPEG or PNG';
const plainJpeg = 'export it as a plain (baseline) JPEG with 8 bits per colour';
const iPhone = 'an iPhone takes JPEG with Settings › Camera › Formats › Most Compatible';
const fromRaw = 'export it as JPEG in a photo program, or have the camera write JPEG beside it';

export const emptyFile = `The file is empty (0 bytes). Take the photo again. ${sendAPhoto}.`;

/** @param size @param maximumBytes bytes */
export function tooManyBytes(size: number, maximumBytes: number): string {
  const megabytes = (bytes: number) => Math.ceil((bytes / 1024 / 1024) * 10) / 10;
  return `The photo has ${megabytes(size)} MB; at most ${megabytes(maximumBytes)} MB are taken. Send a smaller one.`;
}

export interface Format {
  /** With its article, to stand behind "This is". */
  name: string;
  /** Behind "Send a JPEG, PNG or WebP photo:". */
  advice: string;
  contentTypes: readonly string[];
}

export const formats = {
  heic: {
    name: 'a HEIC picture',
    advice: iPhone,
    contentTypes: ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence'],
  },
  avif: { name: 'an AVIF picture', advice: exportIt, contentTypes: ['image/avif', 'image/avif-sequence'] },
  dng: {
    name: 'a RAW file (DNG)',
    advice: `${fromRaw}; on an iPhone switch RAW off, and ${iPhone}`,
    contentTypes: ['image/x-adobe-dng', 'image/dng'],
  },
  tiff: { name: 'a TIFF picture', advice: exportIt, contentTypes: ['image/tiff', 'image/tiff-fx'] },
  bmp: { name: 'a BMP picture', advice: exportIt, contentTypes: ['image/bmp', 'image/x-ms-bmp'] },
  gif: { name: 'a GIF', advice: exportIt, contentTypes: ['image/gif'] },
  jxl: { name: 'a JPEG XL picture', advice: exportIt, contentTypes: ['image/jxl'] },
  jxr: { name: 'a JPEG XR picture', advice: exportIt, contentTypes: ['image/jxr', 'image/vnd.ms-photo'] },
  jp2: {
    name: 'a JPEG 2000 picture',
    advice: exportIt,
    contentTypes: ['image/jp2', 'image/jpx', 'image/jpm', 'image/j2k', 'image/jpeg2000', 'image/jph', 'image/jphc'],
  },
  jpegLs: { name: 'a JPEG-LS picture', advice: plainJpeg, contentTypes: ['image/jls'] },
  psd: { name: 'a Photoshop file', advice: exportIt, contentTypes: ['image/vnd.adobe.photoshop', 'application/psd'] },
  dicom: {
    name: 'a DICOM file',
    advice: 'export the picture in it as JPEG or PNG, without the name of the person',
    contentTypes: ['application/dicom', 'image/dicom-rle'],
  },
  pdf: { name: 'a PDF', advice: 'take the photo out of it', contentTypes: ['application/pdf'] },
  video: { name: 'a video', advice: 'take a still photo of the lesion instead', contentTypes: [] },
  zip: { name: 'a ZIP archive', advice: 'unpack it, and send one photo at a time', contentTypes: ['application/zip'] },
  text: {
    name: 'an SVG or another text',
    advice: 'a drawing or a web page is no photo',
    contentTypes: ['image/svg+xml', 'text/html', 'text/plain'],
  },
} as const satisfies Record<string, Format>;

/** Types of cameras' RAW files, by the name of the file that they belong to. */
const rawTypes: Record<string, string> = {
  'image/x-canon-cr2': 'Canon CR2',
  'image/x-canon-cr3': 'Canon CR3',
  'image/x-nikon-nef': 'Nikon NEF',
  'image/x-sony-arw': 'Sony ARW',
  'image/x-olympus-orf': 'Olympus ORF',
  'image/x-panasonic-rw2': 'Panasonic RW2',
  'image/x-fuji-raf': 'Fujifilm RAF',
  'image/x-pentax-pef': 'Pentax PEF',
  'image/x-samsung-srw': 'Samsung SRW',
};

export const raw = (kind: string): Format => ({ name: `a RAW file (${kind})`, advice: fromRaw, contentTypes: [] });
export const jpegOf = (property: string): Format => ({
  name: `a JPEG ${property}`,
  advice: plainJpeg,
  contentTypes: [],
});

export const refusal = ({ name, advice }: Format) => `This is ${name}. ${sendAPhoto}: ${advice}.`;

/** @returns what to tell one who announces a file of that type, as far as it tells what will come */
export function refusalOfType(contentType: string): string | undefined {
  const rawKind = rawTypes[contentType];
  if (rawKind) return refusal(raw(rawKind));
  if (contentType.startsWith('video/')) return refusal(formats.video);
  const format = Object.values(formats).find((one: Format) => one.contentTypes.includes(contentType));
  return format && refusal(format);
}

/** `image/jpg` is no registered type, and yet what many programs say. */
export function usualType(contentType: string): string {
  return contentType === 'image/jpg' ? 'image/jpeg' : contentType;
}
