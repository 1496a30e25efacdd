import type { Locale, NoticeCode, Triage } from '../generated/schema.ts';

/** The fixed sentences of one language. An LLM may write around them but must carry triage and disclaimer verbatim. */
export interface Phrases {
  language: string;
  disclaimer: string;
  triage: Record<Triage, string>;
  /** `label` stays as the API gives it. */
  mostProbable(label: string, percent: string): string;
  alsoPossible(labels: string): string;
  malignantTogether(percent: string): string;
  notices: Record<NoticeCode, string>;
}

const phrases: Record<Locale, Phrases> = {
  en: {
    language: 'English',
    disclaimer: 'This is not a diagnosis. Only a doctor who examines the skin can make one.',
    triage: {
      URGENT: 'Please have a doctor look at this lesion soon, within days rather than weeks.',
      SOON: 'Please show this lesion to a doctor in the coming weeks.',
      ROUTINE: 'Nothing here calls for haste, but show the lesion to a doctor if it changes or worries you.',
      INCONCLUSIVE: 'This photo allows no statement. Take another one, or show the lesion to a doctor.',
    },
    mostProbable: (label, percent) => `The model finds "${label}" most probable (${percent}).`,
    alsoPossible: (labels) => `It also considers ${labels}.`,
    malignantTogether: (percent) => `It gives ${percent} to malignant or pre-malignant kinds of lesion together.`,
    notices: {
      NOT_DERMOSCOPY:
        'The picture does not look like a photo through a dermatoscope, and only for such photos can the model say anything. A photo through one, close on the lesion, would help.',
      MAYBE_NOT_DERMOSCOPY:
        'The picture may not be a photo through a dermatoscope, so do not let these numbers reassure you.',
      FAR_FROM_TRAINING: 'The picture is unlike any dermoscopy photo that the model knows.',
      UNUSUAL: 'The photo is unusual for the model, so trust the numbers less.',
      BLURRED: 'The photo is blurred.',
      TOO_DARK: 'The photo is too dark.',
      TOO_BRIGHT: 'The photo is too bright.',
      LOW_CONTRAST: 'The photo has little contrast.',
      TOO_SMALL: 'The photo is very small.',
      AMBIGUOUS: 'The model hesitates between several kinds of lesion.',
    },
  },
  de: {
    language: 'German',
    disclaimer: 'Dies ist keine Diagnose. Nur eine Ärztin oder ein Arzt kann nach einer Untersuchung eine stellen.',
    triage: {
      URGENT: 'Bitte lassen Sie die Hautstelle bald ärztlich ansehen, eher in Tagen als in Wochen.',
      SOON: 'Bitte zeigen Sie die Hautstelle in den nächsten Wochen ärztlich vor.',
      ROUTINE:
        'Eile ist nicht geboten; zeigen Sie die Hautstelle ärztlich vor, wenn sie sich verändert oder Sie beunruhigt.',
      INCONCLUSIVE:
        'Dieses Foto lässt keine Aussage zu. Machen Sie ein neues oder zeigen Sie die Hautstelle ärztlich vor.',
    },
    mostProbable: (label, percent) => `Das Modell hält „${label}“ für am wahrscheinlichsten (${percent}).`,
    alsoPossible: (labels) => `Es zieht außerdem in Betracht: ${labels}.`,
    malignantTogether: (percent) => `Bösartigen Formen und deren Vorstufen gibt es zusammen ${percent}.`,
    notices: {
      NOT_DERMOSCOPY:
        'Das Bild sieht nicht wie ein Foto durch ein Dermatoskop aus, und nur zu solchen kann das Modell etwas sagen. Ein Foto durch ein Dermatoskop, nah an der Hautstelle, würde helfen.',
      MAYBE_NOT_DERMOSCOPY:
        'Das Bild ist vielleicht kein Foto durch ein Dermatoskop; lassen Sie sich von diesen Zahlen nicht beruhigen.',
      FAR_FROM_TRAINING: 'Das Bild gleicht keinem Dermatoskopie-Foto, das das Modell kennt.',
      UNUSUAL: 'Das Foto ist für das Modell ungewöhnlich; vertrauen Sie den Zahlen weniger.',
      BLURRED: 'Das Foto ist unscharf.',
      TOO_DARK: 'Das Foto ist zu dunkel.',
      TOO_BRIGHT: 'Das Foto ist zu hell.',
      LOW_CONTRAST: 'Das Foto hat wenig Kontrast.',
      TOO_SMALL: 'Das Foto ist sehr klein.',
      AMBIGUOUS: 'Das Modell schwankt zwischen mehreren Arten von Hautveränderungen.',
    },
  },
  es: {
    language: 'Spanish',
    disclaimer: 'Esto no es un diagnóstico. Solo un médico que examine la piel puede hacerlo.',
    triage: {
      URGENT: 'Haga que un médico vea esta lesión pronto, en días más que en semanas.',
      SOON: 'Muestre esta lesión a un médico en las próximas semanas.',
      ROUTINE: 'Nada indica urgencia, pero muestre la lesión a un médico si cambia o le preocupa.',
      INCONCLUSIVE: 'Esta foto no permite afirmar nada. Tome otra o muestre la lesión a un médico.',
    },
    mostProbable: (label, percent) => `El modelo considera «${label}» lo más probable (${percent}).`,
    alsoPossible: (labels) => `También tiene en cuenta: ${labels}.`,
    malignantTogether: (percent) => `A las formas malignas o premalignas les da en conjunto ${percent}.`,
    notices: {
      NOT_DERMOSCOPY:
        'La imagen no parece una foto hecha con dermatoscopio, y solo de esas puede decir algo el modelo. Ayudaría una foto hecha con dermatoscopio, cerca de la lesión.',
      MAYBE_NOT_DERMOSCOPY:
        'La imagen quizá no sea una foto hecha con dermatoscopio; no deje que estas cifras le tranquilicen.',
      FAR_FROM_TRAINING: 'La imagen no se parece a ninguna foto de dermatoscopia que el modelo conozca.',
      UNUSUAL: 'La foto es inusual para el modelo; confíe menos en las cifras.',
      BLURRED: 'La foto está borrosa.',
      TOO_DARK: 'La foto es demasiado oscura.',
      TOO_BRIGHT: 'La foto es demasiado clara.',
      LOW_CONTRAST: 'La foto tiene poco contraste.',
      TOO_SMALL: 'La foto es muy pequeña.',
      AMBIGUOUS: 'El modelo duda entre varios tipos de lesión.',
    },
  },
  fr: {
    language: 'French',
    disclaimer: 'Ceci n’est pas un diagnostic. Seul un médecin qui examine la peau peut en poser un.',
    triage: {
      URGENT: 'Faites voir cette lésion à un médecin sans tarder, en quelques jours plutôt qu’en quelques semaines.',
      SOON: 'Montrez cette lésion à un médecin dans les semaines qui viennent.',
      ROUTINE: 'Rien ne presse, mais montrez la lésion à un médecin si elle change ou vous inquiète.',
      INCONCLUSIVE: 'Cette photo ne permet aucune conclusion. Prenez-en une autre ou montrez la lésion à un médecin.',
    },
    mostProbable: (label, percent) => `Le modèle juge « ${label} » le plus probable (${percent}).`,
    alsoPossible: (labels) => `Il envisage aussi : ${labels}.`,
    malignantTogether: (percent) => `Il donne ${percent} à l’ensemble des formes malignes ou prémalignes.`,
    notices: {
      NOT_DERMOSCOPY:
        'L’image ne ressemble pas à une photo prise au dermatoscope, et le modèle ne peut se prononcer que sur celles-ci. Une photo prise au dermatoscope, près de la lésion, aiderait.',
      MAYBE_NOT_DERMOSCOPY:
        'L’image n’est peut-être pas une photo prise au dermatoscope ; que ces chiffres ne vous rassurent pas.',
      FAR_FROM_TRAINING: 'L’image ne ressemble à aucune photo de dermoscopie que le modèle connaisse.',
      UNUSUAL: 'La photo est inhabituelle pour le modèle ; fiez-vous moins aux chiffres.',
      BLURRED: 'La photo est floue.',
      TOO_DARK: 'La photo est trop sombre.',
      TOO_BRIGHT: 'La photo est trop claire.',
      LOW_CONTRAST: 'La photo manque de contraste.',
      TOO_SMALL: 'La photo est très petite.',
      AMBIGUOUS: 'Le modèle hésite entre plusieurs sortes de lésions.',
    },
  },
};

export function phrasesFor(locale: Locale): Phrases {
  return phrases[locale];
}
