// Generated from schema.graphql by `npm run codegen`. Do not edit.
import type { Locale, RequestStatus, Triage, Confidence, NoticeCode, DescriptionSource, DescriptionInput } from './operations.ts';

export const localeValues = ['en', 'de', 'es', 'fr'] as const satisfies readonly Locale[];
export const requestStatusValues = ['PENDING', 'PROCESSING', 'AWAITING_DESCRIPTION', 'COMPLETED', 'FAILED', 'CANCELLED', 'DELETED'] as const satisfies readonly RequestStatus[];
export const triageValues = ['URGENT', 'SOON', 'ROUTINE', 'INCONCLUSIVE'] as const satisfies readonly Triage[];
export const confidenceValues = ['HIGH', 'MEDIUM', 'LOW', 'NONE'] as const satisfies readonly Confidence[];
export const noticeCodeValues = ['NOT_DERMOSCOPY', 'MAYBE_NOT_DERMOSCOPY', 'FAR_FROM_TRAINING', 'UNUSUAL', 'BLURRED', 'TOO_DARK', 'TOO_BRIGHT', 'LOW_CONTRAST', 'TOO_SMALL', 'AMBIGUOUS'] as const satisfies readonly NoticeCode[];
export const descriptionSourceValues = ['openai', 'template'] as const satisfies readonly DescriptionSource[];
export const descriptionInputValues = ['handover', 'rebuilt'] as const satisfies readonly DescriptionInput[];
