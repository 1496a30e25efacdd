import type { ResourceTypes } from '../template/resourceTypes.ts';
import type { Cache } from './startCache.ts';

export function elastiCacheTypes(cache: Cache): ResourceTypes {
  return {
    'AWS::ElastiCache::ServerlessCache': {
      nameProperty: 'ServerlessCacheName',
      async bringUp({ name }) {
        const { host, port } = await cache.start();
        return { ref: name, 'Endpoint.Address': host, 'Endpoint.Port': `${port}` };
      },
    },
  };
}
