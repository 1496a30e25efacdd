import type { Briefing } from './briefing.ts';
import { phrasesFor } from './phrases.ts';

const worthNaming = 0.1;

/** The description without any LLM: deterministic, and by construction within what `checkDescription` allows. */
export function describeByTemplate(briefing: Briefing): string {
  const phrases = phrasesFor(briefing.locale);
  const sentences = [...findings(briefing), ...briefing.notices.map((code) => phrases.notices[code])];
  return [...sentences, briefing.triageStatement, briefing.disclaimer].join(' ');
}

function findings({ predictions, malignantProbability, locale }: Briefing): string[] {
  const phrases = phrasesFor(locale);
  const [first, ...rest] = predictions;
  if (!first) return [];
  const others = rest.filter((score) => score.probability >= worthNaming);
  const sentences = [phrases.mostProbable(first.label, percent(first.probability, locale))];
  if (others.length > 0) sentences.push(phrases.alsoPossible(others.map((other) => other.label).join(', ')));
  if (malignantProbability !== null) sentences.push(phrases.malignantTogether(percent(malignantProbability, locale)));
  return sentences;
}

function percent(probability: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(probability);
}
