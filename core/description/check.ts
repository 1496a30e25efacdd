import type { Briefing } from './briefing.ts';

/** Conditions that an LLM may bring up unasked, by stems that serve all our languages. */
const conditions: readonly { stem: RegExp; allowedBy: RegExp | null }[] = [
  { stem: /melanom/, allowedBy: /melanom/ },
  { stem: /basal[- ]?(cell|zell)|basocel|basocellul|basaliom/, allowedBy: /basal cell/ },
  { stem: /actinic|aktinisch|actínic|actiniqu|solar keratos/, allowedBy: /actinic/ },
  { stem: /bowen/, allowedBy: /intraepithelial/ },
  { stem: /dermatofibrom|histiocytom/, allowedBy: /dermatofibrom/ },
  { stem: /seborrh|seborr|lentig/, allowedBy: /keratosis-like/ },
  { stem: /n[aeæ]+v(us|i|o|os)\b|naevus|\bmoles?\b|muttermal|lunar(es)?\b|grain de beaut/, allowedBy: /nevus/ },
  { stem: /h[aäeé]+mangiom|angiokeratom|vascular|vaskulär|vasculair/, allowedBy: /vascular/ },
  { stem: /squamous|plattenepithel|espinocelular|escamos|épidermoïde|spinocellul/, allowedBy: /squamous/ },
  {
    stem: /merkel|sarcom|sarkom|lymphom|linfom|psoria|eczem|ekzem|eccem|dermatitis|rosacea|scabies|herpes/,
    allowedBy: null,
  },
  {
    stem: /\bwarts?\b|\bwarze|verruca|verrug|verrue|keratoacanthom|keratoakanthom|queratoacantom|kératoacanthom/,
    allowedBy: null,
  },
];

/** Sentences that only a doctor may say. */
const verdicts = [
  /you (do not |don't )?have (a |an )?(skin )?(cancer|melanoma|carcinoma|tumou?r)/,
  /(it|this) (is|isn't|is not) (definitely|certainly|clearly|surely)/,
  /no need (to see|for) a doctor/,
  /sie haben (kein(en)? )?(haut)?krebs/,
  /(usted )?(no )?tiene (un )?c[aá]ncer/,
  /vous (n'|n’)?avez (pas )?(un |de )?cancer/,
];

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
  const own = spaced.replace(briefing.triageStatement, '').replace(briefing.disclaimer, '').toLowerCase();
  if (verdicts.some((verdict) => verdict.test(own))) return 'states a diagnosis';
  const labels = briefing.predictions.map((score) => score.label.toLowerCase());
  const stranger = conditions.find(({ stem, allowedBy }) => stem.test(own) && !labels.some((l) => allowedBy?.test(l)));
  return stranger ? 'names a class that is not among the predictions' : null;
}
