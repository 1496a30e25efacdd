/** What is known of a lesion class. Codes as in HAM10000 / ISIC 2018 Task 3 (Tschandl, Rosendahl, Kittler 2018). */
export interface LesionClass {
  code: string;
  label: string;
  /** ICD-10 (WHO) code of the condition; null where the class spans several. */
  icd10: string | null;
  /** Malignant or pre-malignant. */
  malignant: boolean;
}

const known = [
  { code: 'akiec', label: 'Actinic keratosis or intraepithelial carcinoma', icd10: 'L57.0', malignant: true },
  { code: 'bcc', label: 'Basal cell carcinoma', icd10: 'C44', malignant: true },
  { code: 'bkl', label: 'Benign keratosis-like lesion', icd10: 'L82', malignant: false },
  { code: 'df', label: 'Dermatofibroma', icd10: 'D23', malignant: false },
  { code: 'mel', label: 'Melanoma', icd10: 'C43', malignant: true },
  { code: 'nv', label: 'Melanocytic nevus', icd10: 'D22', malignant: false },
  { code: 'vasc', label: 'Vascular lesion', icd10: 'D18.0', malignant: false },
] as const satisfies LesionClass[];

const byCode = new Map<string, LesionClass>(known.map((lesion) => [lesion.code, lesion]));

export function knownLesionClass(code: string): LesionClass | undefined {
  return byCode.get(code);
}
