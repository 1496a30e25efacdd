import { expect, test } from 'vitest';
import { errorTypes } from '../../core/errors.ts';
import { errorCodes, LesionError } from '../lesionError.ts';
import { toLesionError } from './toLesionError.ts';

test.each([
  ['the errorType that the server gave', { errors: [{ errorType: 'Conflict', message: 'm' }] }, 'Conflict'],
  ['a field that is not allowed', { errors: [{ errorType: 'Unauthorized', message: 'm' }] }, 'Unauthorized'],
  [
    'a token that is not valid',
    { errors: [{ message: 'Unauthorized', originalError: { name: 'UnauthorizedException' } }] },
    'Unauthorized',
  ],
  ['nobody signed in', Object.assign(new Error('No current user'), { name: 'NoSignedUser' }), 'Unauthorized'],
  ['no network', { errors: [{ message: 'm', originalError: { name: 'NetworkError' } }] }, 'Network'],
  [
    'a gateway that is down',
    { errors: [{ message: 'm', originalError: { name: 'UnknownError', $metadata: { httpStatusCode: 503 } } }] },
    'ServiceUnavailable',
  ],
  [
    'a refused subscription',
    { errors: [{ message: 'Connection failed: {"errors":[{"errorType":"Unauthorized","message":"m"}]}' }] },
    'Unauthorized',
  ],
  ['a refused connection', { errors: [{ message: 'Connection failed: UnauthorizedException' }] }, 'Unauthorized'],
  ['a query that is none', { errors: [{ errorType: 'ValidationError', message: 'm' }] }, 'InvalidInput'],
  ['a Lambda that threw', { errors: [{ errorType: 'Lambda:Unhandled', message: 'm' }] }, 'InternalError'],
  ['anything else', 'oops', 'InternalError'],
])('knows %s', (_name, thrown, code) => {
  expect(toLesionError(thrown)).toMatchObject({ code, cause: thrown });
});

test('keeps message, errorInfo and the request it is about', () => {
  const errorInfo = { retryAfterSeconds: 3 };
  const error = toLesionError({ errors: [{ errorType: 'TooManyRequests', message: 'Wait.', errorInfo }] }, 'id');
  expect(error).toMatchObject({ message: 'Wait.', info: errorInfo, requestId: 'id', retryable: true });
});

test('leaves out of errorInfo what is not of the contract', () => {
  const errorInfo = { retryAfterSeconds: 'soon', requestId: null, stack: 'at /var/task' };
  const { info } = toLesionError({ errors: [{ errorType: 'TooManyRequests', message: 'Wait.', errorInfo }] });
  expect(info).toEqual({ retryable: true });
});

test('an error tells what its code tells, and nothing else compiles', () => {
  // @ts-expect-error: the field is `maximumBytes`, as it is on the server
  new LesionError('ImageTooLarge', 'm', { info: { maxBytes: 1 } });
  // @ts-expect-error: nothing is told of what is not there
  new LesionError('NotFound', 'm', { info: { requestId: 'id' } });
  expect(new LesionError('ImageTooLarge', 'm', { info: { maximumBytes: 1 } }).info.maximumBytes).toBe(1);
});

test('leaves alone what is a LesionError already', () => {
  const error = new LesionError('Aborted', 'm');
  expect(toLesionError(error)).toBe(error);
});

test('has every code of the server, with the same advice', () => {
  expect(errorCodes).toMatchObject(errorTypes);
});
