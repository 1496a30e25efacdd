/** What the API takes, and what it assumes. The client has the same, by code generation. */
export const limits = {
  /** The largest photo, bytes. */
  maximumBytes: 20 * 1024 * 1024,
  contentTypes: ['image/jpeg', 'image/png', 'image/webp'],
} as const;

/** What `submitRequest` assumes where its input does not say. */
export const submissionDefaults = { describe: false, locale: 'en' } as const;
