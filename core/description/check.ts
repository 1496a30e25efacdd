import type { Locale } from '../generated/schema.ts';
import { namesAnother } from '../lesionClasses.ts';
import type { Briefing } from './briefing.ts';

/** Sentences that only a doctor may say. Each language has its own, and all are looked for in every text. */
const verdicts: Record<Locale, readonly RegExp[]> = {
  en: [
    /you (do not |don't )?have (a |an )?(skin )?(cancer|melanoma|carcinoma|tumou?r)/,
    /(it|this) (is|isn't|is not) (definitely|certainly|clearly|surely)/,
    /no need (to see|for) a doctor/,
  ],
  de: [/sie haben (kein(en)? )?(haut)?krebs/],
  es: [/(usted )?(no )?tiene (un )?c[aá]ncer/],
  fr: [/vous (n'|n’)?avez (pas )?(un |de )?cancer/],
};

const longest = 2000;

/**
 * What is wrong with a description that an LLM wrote, or null if it may be shown: it must carry the triage wording
 * and the disclaimer verbatim, name no condition that is not among the predictions, and state no diagnosis.
 */
export function checkDescription(text: string, briefing: Briefing): string | null {
  if (text.length > longest) return 'too long';
  const spaced = text.replace(/\s+/g, ' ');
  if (!spaced.includes(briefing.triageStatement)) return 'triage wording missing';
  if (!spaced.includes(briefing.disclaimer)) return 'disclaimer missing';
  const labels = briefing.predictions.map(({ label }) => label.replace(/\s+/g, ' '));
  // A label is the model's own word: it is never what makes a text unfit, whatever it reads like.
  const own = without([briefing.triageStatement, briefing.disclaimer, ...labels], spaced).toLowerCase();
  const states = Object.values(verdicts).flat();
  if (states.some((verdict) => verdict.test(own))) return 'states a diagnosis';
  return namesAnother(own, labels) ? 'names a class that is not among the predictions' : null;
}

/** Whole words only, the longest first: taking a short label out of other words would hide what they say. */
function without(known: readonly string[], text: string): string {
  const longestFirst = [...known].sort((one, other) => other.length - one.length);
  return longestFirst.reduce((rest, words) => rest.replace(wordsOf(words), ' '), text);
}

function wordsOf(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu');
}
