/** What is known of a lesion class. Codes as in HAM10000 / ISIC 2018 Task 3 (Tschandl, Rosendahl, Kittler 2018). */
export interface LesionClass {
  code: string;
  label: string;
  /** ICD-10 (WHO) code of the condition; null where the class spans several. */
  icd10: string | null;
  /** Malignant or pre-malignant. */
  malignant: boolean;
}

/** A class with the words by which a text may name it, in any of our languages: lower case, matched anywhere. */
interface NamedClass extends LesionClass {
  named: RegExp;
}

/** All that is said of a class anywhere in the product is said here. */
const known = [
  {
    code: 'akiec',
    label: 'Actinic keratosis or intraepithelial carcinoma',
    icd10: 'L57.0',
    malignant: true,
    named: /actinic|aktinisch|actínic|actiniqu|solar keratos|bowen|intraepith|intraépith|intraepitel/,
  },
  {
    code: 'bcc',
    label: 'Basal cell carcinoma',
    icd10: 'C44',
    malignant: true,
    named: /basal[- ]?(cell|zell)|basocel|basocellul|basaliom/,
  },
  {
    code: 'bkl',
    label: 'Benign keratosis-like lesion',
    icd10: 'L82',
    malignant: false,
    named: /keratosis-like|seborrh|seborr|séborrh|lentig/,
  },
  {
    code: 'df',
    label: 'Dermatofibroma',
    icd10: 'D23',
    malignant: false,
    named: /dermatofibrom|histiocytom|histiozytom/,
  },
  { code: 'mel', label: 'Melanoma', icd10: 'C43', malignant: true, named: /m[eé]lanom/ },
  {
    code: 'nv',
    label: 'Melanocytic nevus',
    icd10: 'D22',
    malignant: false,
    named: /n[aeæ]+v(us|i|o|os)\b|naevus|\bmoles?\b|muttermal|lunar(es)?\b|grains? de beaut/,
  },
  {
    code: 'vasc',
    label: 'Vascular lesion',
    icd10: 'D18.0',
    malignant: false,
    named: /h[aäeé]+mangiom|angiokeratom|vascular|vaskulär|vasculair/,
  },
] as const satisfies NamedClass[];

/** Conditions of the skin that are no class of ours, one a line, and that a text may bring up all the same. */
const strangers: readonly RegExp[] = [
  /squamous|plattenepithel|espinocelular|escamos|épidermoïde|spinocellul/,
  /merkel/,
  /sarcom|sarkom/,
  /lymphom|linfom/,
  /psoria/,
  /eczem|ekzem|eccem|dermatitis/,
  /rosacea/,
  /scabies/,
  /herpes/,
  /\bwarts?\b|\bwarze|verruca|verrug|verrue/,
  /keratoacanthom|keratoakanthom|queratoacantom|kératoacanthom/,
];

/**
 * Whether a text names a condition that is none of those shown. What a label itself says is always allowed: a model
 * may have classes that nobody here has heard of.
 *
 * @param text lower case, without the shown labels
 * @param labels of the shown classes
 */
export function namesAnother(text: string, labels: readonly string[]): boolean {
  const shown = labels.map((label) => label.toLowerCase());
  const isShown = (named: RegExp, label?: string) =>
    shown.some((one) => one === label?.toLowerCase() || named.test(one));
  const classes = known.some(({ named, label }) => named.test(text) && !isShown(named, label));
  return classes || strangers.some((named) => named.test(text) && !isShown(named));
}

const byCode = new Map<string, LesionClass>(known.map(({ named: _, ...lesion }) => [lesion.code, lesion]));

export function knownLesionClass(code: string): LesionClass | undefined {
  return byCode.get(code);
}
