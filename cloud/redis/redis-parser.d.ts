declare module 'redis-parser' {
  export default class RedisParser {
    constructor(
      options: Record<`return${'Reply' | 'Error' | 'FatalError'}`, (value: unknown) => void> & { returnBuffers: true },
    );
    execute(data: Buffer): void;
  }
}
