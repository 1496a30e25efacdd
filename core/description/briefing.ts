import type { Confidence, ImageQuality, Locale, NoticeCode, Triage } from '../generated/schema.ts';
import type { AwaitingDescription } from '../request.ts';
import { phrasesFor } from './phrases.ts';

/** The describer's input as the inference worker hands it over. It names no owner and holds nothing a user typed. */
export interface Handover {
  predictions: { label: string; probability: number; malignant: boolean }[];
  triage: Triage;
  confidence: Confidence;
  malignantProbability: number | null;
  notices: NoticeCode[];
  margin: number | null;
  entropy: number | null;
  distance: number | null;
  imageQuality: ImageQuality | null;
}

/** What the LLM is told: a hand-over, and the sentences of its language that it must carry. */
export interface Briefing extends Handover {
  locale: Locale;
  language: string;
  triageStatement: string;
  disclaimer: string;
}

export function handoverOf(
  request: Pick<AwaitingDescription, 'predictions' | 'assessment' | 'imageQuality'>,
): Handover {
  const { assessment } = request;
  return {
    ...storedPartOf(request),
    margin: assessment.margin ?? null,
    entropy: assessment.entropy ?? null,
    distance: assessment.distance ?? null,
    imageQuality: request.imageQuality,
  };
}

/** What can still be said when the hand-over is lost: poorer, from the stored result. */
export function rebuiltHandoverOf(request: Pick<AwaitingDescription, 'predictions' | 'assessment'>): Handover {
  return { ...storedPartOf(request), margin: null, entropy: null, distance: null, imageQuality: null };
}

function storedPartOf({ predictions, assessment }: Pick<AwaitingDescription, 'predictions' | 'assessment'>) {
  return {
    predictions: predictions.map(({ label, probability, malignant }) => ({ label, probability, malignant })),
    triage: assessment.triage,
    confidence: assessment.confidence,
    malignantProbability: assessment.malignantProbability ?? null,
    notices: assessment.notices.map((notice) => notice.code),
  };
}

export function briefingOf(handover: Handover, locale: Locale): Briefing {
  const phrases = phrasesFor(locale);
  return {
    ...handover,
    locale,
    language: phrases.language,
    triageStatement: phrases.triage[handover.triage],
    disclaimer: phrases.disclaimer,
  };
}
