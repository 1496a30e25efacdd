/** The reference of a cold start: Node, a session, its first runs, and nothing else. `node bareStart.mjs MODEL SIDE VIEWS` */
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [, , modelFile = '', side = '', views = ''] = process.argv;
const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const pixels = new Uint8Array(Number(side) ** 2 * 3);
const input = session.inputNames[0] ?? '';
const tensor = new Tensor('uint8', pixels, [1, Number(side), Number(side), 3]);
for (let view = 0; view < Number(views); view++) await session.run({ [input]: tensor });
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1000, result: performance.now() }));
