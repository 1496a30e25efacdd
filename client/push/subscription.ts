import { GraphQLAPIClass } from '@aws-amplify/api-graphql';
import type { AmplifyContext } from 'aws-amplify';
import { CONNECTION_STATE_CHANGE, ConnectionState } from 'aws-amplify/api';
import { Hub } from 'aws-amplify/utils';
import { type OnRequestUpdatedSubscription, onRequestUpdated } from '../generated/operations.ts';
import { LesionError } from '../lesionError.ts';
import { unref } from '../timing/unref.ts';
import { toLesionError } from '../transport/toLesionError.ts';
import type { PushListener } from './pushChannel.ts';

/** The part of amplify's realtime provider that is ours to use. */
interface RealtimeProvider {
  close(): Promise<void>;
}

/**
 * How amplify's state reads for a socket with one subscription. It calls a socket connected only when a subscription
 * on it was acknowledged (`start_ack`).
 */
const acknowledged: readonly unknown[] = [ConnectionState.Connected, ConnectionState.ConnectedPendingNetwork];
/**
 * amplify would try again after 5 s, then each 60 s; we give the socket up and ask for a new one soon. Not while the
 * first attempt is under way, which amplify repeats some six times within 7 s.
 */
const broken: readonly unknown[] = [ConnectionState.ConnectionDisrupted, ConnectionState.ConnectedPendingKeepAlive];

/** Milliseconds after which amplify has given up an attempt to connect, and its provider can be closed for good. */
const PROVIDER_REST = 30_000;

/**
 * One subscription to all requests of the caller, on a socket of its own. amplify keeps one socket per URL for the whole process:
 * a second user's client would connect with the first one's token, and a refused subscription would cut off
 * everyone else's. An API object of our own has sockets of its own.
 *
 * @returns closes it
 */
export function openSubscription(context: AmplifyContext, listener: PushListener): () => void {
  const { provider, updates } = subscribeWithOwnProvider(context);
  let wasAcknowledged = false;

  const stopListening = Hub.listen('api', ({ payload }) => {
    const state = connectionStateOf(payload, provider);
    if (acknowledged.includes(state)) {
      wasAcknowledged = true;
      listener.ready();
    }
    if (wasAcknowledged && broken.includes(state))
      listener.lost(new LesionError('Network', 'The subscription was cut off.'));
  });
  const subscription = updates.subscribe({
    next: ({ data }) => (data?.onRequestUpdated ? listener.next(data.onRequestUpdated) : listener.unreadable()),
    error: (error: unknown) => listener.lost(toLesionError(error)),
  });

  return () => {
    stopListening();
    subscription.unsubscribe();
    // A provider that is still connecting would connect after being closed, and stay.
    if (wasAcknowledged) closeProvider(provider);
    else unref(setTimeout(closeProvider, PROVIDER_REST, provider));
  };
}

/** A new provider announces its state the moment it is made, within the call: that is how we know ours. */
function subscribeWithOwnProvider(context: AmplifyContext) {
  const announced: unknown[] = [];
  const stopListening = Hub.listen('api', ({ payload }) => announced.push(fieldsOf(payload.data).provider));
  const updates = new GraphQLAPIClass().graphql<OnRequestUpdatedSubscription>(context, { query: onRequestUpdated });
  stopListening();
  const provider = announced.find(isProvider);
  if (!provider || !('subscribe' in updates)) throw new Error('aws-amplify does not subscribe as it did in 6.22');
  return { provider, updates };
}

function connectionStateOf(payload: { event: string; data?: unknown }, provider: RealtimeProvider): unknown {
  const data = fieldsOf(payload.data);
  return payload.event === CONNECTION_STATE_CHANGE && data.provider === provider ? data.connectionState : undefined;
}

function closeProvider(provider: RealtimeProvider): void {
  provider.close().catch(() => {});
}

function isProvider(value: unknown): value is RealtimeProvider {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
