import { briefingOf, type Handover } from '../../core/description/briefing.ts';
import { checkDescription } from '../../core/description/check.ts';
import { describeByTemplate } from '../../core/description/template.ts';
import { localeValues } from '../../core/generated/enums.ts';
import { classesOf, type ModelManifest } from '../../core/modelManifest.ts';

/**
 * The classes whose results no text may describe, a line each. Then every description of the LLM that names the class
 * would be refused without a word to anybody.
 */
export function describableProblems(manifest: ModelManifest): string[] {
  return classesOf(manifest).flatMap(({ code, label, malignant }) => {
    const handover: Handover = {
      predictions: [{ label, probability: 1, malignant }],
      triage: 'SOON',
      confidence: 'MEDIUM',
      malignantProbability: Number(malignant),
      notices: [],
      margin: null,
      entropy: null,
      distance: null,
      imageQuality: null,
    };
    const refused = localeValues.flatMap((locale) => {
      const briefing = briefingOf(handover, locale);
      const reason = checkDescription(describeByTemplate(briefing), briefing);
      return reason ? [`${reason} (${locale})`] : [];
    });
    return refused.length > 0 ? [`class "${code}": a text with its label cannot be shown: ${refused.join('; ')}`] : [];
  });
}
