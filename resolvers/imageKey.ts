import { LesionError } from '../core/errors.ts';

/** Where an owner's photos lie; nobody else's key begins so. */
export function uploadPrefix(owner: string): string {
  return `uploads/${owner.replace('#', '/')}/`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A key that createUpload did not make for this owner is no different from one that nobody made.
 * @throws LesionError ImageNotFound
 */
export function assertOwnImageKey(imageKey: string, owner: string): void {
  const prefix = uploadPrefix(owner);
  if (imageKey.startsWith(prefix) && uuid.test(imageKey.slice(prefix.length))) return;
  throw new LesionError('ImageNotFound', 'There is no such photo. Upload it, then submit its imageKey.');
}
