/**
 * Imported before everything else: the model's thread comes up and loads onnxruntime while the main thread loads the
 * rest of the function. An import and not a call, because imports run first.
 */
import { prepareSessionThread } from '../../adapters/modelRunner/sessionThread.ts';

if (!process.env.SAGEMAKER_ENDPOINT_NAME) prepareSessionThread();
