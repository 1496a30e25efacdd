/** What the program is told. */
export interface Configuration {
  endpoint: string;
  region: string;
  /** Given: it calls with that. */
  apiKey: string | undefined;
  /** Else with this. */
  token: string;
  /** Base64. */
  photo: string;
}

/** What it tells. */
export type Event =
  | { event: 'asked'; model: string }
  | { event: 'submitted'; ids: string[] }
  | { event: 'acknowledged'; count: number }
  /** `by`: the request that the subscription asked for. */
  | { event: 'heard'; by: string; requestId: string; status: string; version: number }
  | { event: 'failed'; reason: string };
