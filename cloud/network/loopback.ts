import { isIP } from 'node:net';

const parse = (url: string) => (URL.canParse(url) ? new URL(url).hostname : '');

/** Whether `origin` (`http://localhost:5173`) is of this machine. */
export const isLoopback = (origin: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(parse(origin));

/** A Host that no page could have made lead here by its own DNS: localhost, or an address (emulators have one for us). */
export function isSafeHost(host = ''): boolean {
  const name = parse(`http://${host}`);
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) > 0;
}
