export { createClient } from './createClient.ts';
export { localeValues, noticeCodeValues, requestStatusValues, triageValues } from './generated/enums.ts';
export type {
  ClassifyOptions,
  KeyOptions,
  LesionClient,
  SubmitOptions,
  UploadOptions,
  WatchOptions,
} from './lesionClient.ts';
export { type ErrorCode, LesionError } from './lesionError.ts';
export { hasEnded, type Locale, type Model, type Request, type RequestStatus, type Update } from './request.ts';
export type { ClientConfig } from './transport/clientConfig.ts';
export type { Photo } from './upload/photo.ts';
