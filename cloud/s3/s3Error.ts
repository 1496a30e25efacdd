import type { AwsAnswer } from '../engine.ts';

type Elements = Record<string, string | number>;

/** A failure in S3's terms: HTTP status, code, message, and further elements of its XML. */
export class S3Error extends Error {
  readonly answer: AwsAnswer;

  constructor(status: number, code: string, message: string, details: Elements = {}) {
    super(message);
    this.answer = xmlAnswer(status, 'Error', { Code: code, Message: message, ...details });
  }
}

export function notImplemented(what: string): S3Error {
  return new S3Error(501, 'NotImplemented', `The embedded S3 does not implement ${what}`);
}

export function accessDenied(message: string): S3Error {
  return new S3Error(403, 'AccessDenied', message);
}

export function xmlAnswer(status: number, root: string, elements: Elements): AwsAnswer {
  const escaped = (value: string | number) => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const inner = Object.entries(elements).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${inner.join('')}</${root}>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
