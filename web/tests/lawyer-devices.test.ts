// SPDX-License-Identifier: Apache-2.0
// The device key of this browser: registered once, found again, replaced after its removal; and the list of devices.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceName } from '../lawyer/browser';
import type { Device } from '../lib/model';

const ACCOUNT = 'account1';
const keys = vi.hoisted(() => ({ current: 'AAAA', made: 0, forbidden: false }));
const server = vi.hoisted(() => ({ devices: [] as Device[], posts: [] as Record<string, string>[], deaf: false }));

vi.mock('../ui/dialog', () => ({ isOwnEvent: () => true }));
vi.mock('../lib/e2ee/identity', () => {
  const identity = () => ({ publicKey: keys.current, sign: async () => new Uint8Array(64) });
  return {
    openIdentity: async () => {
      if (keys.forbidden) throw new DOMException('no storage', 'SecurityError');
      return identity();
    },
    renewIdentity: async () => {
      keys.current = `BBB${++keys.made}`;
      return identity();
    },
    deviceProof: async ({ publicKey }: { publicKey: string }, account: string) => `${account} ${publicKey}`,
  };
});

const { ensureDevice, fingerprintOf, forgetDevice } = await import('../lawyer/device-key');

async function answer(path: string, { method, body }: { method: string; body: string | null }): Promise<Response> {
  if (server.deaf) throw new TypeError('offline');
  if (path === '/api/me') return Response.json({ account: { id: ACCOUNT } });
  if (method === 'GET') return Response.json({ devices: server.devices });
  const { name, public_key, proof } = JSON.parse(body!) as Record<string, string>;
  server.posts.push({ name: name!, public_key: public_key!, proof: proof! });
  const device: Device = {
    id: `device${server.posts.length}`, name: name!, fingerprint: await fingerprintOf(public_key!), state: 'active', added_at_us: 1, seen_at_us: null, removed_at_us: null,
  };
  server.devices.push(device);
  return Response.json(device, { status: 201 });
}

beforeEach(() => {
  Object.assign(keys, { current: 'AAAA', made: 0, forbidden: false });
  Object.assign(server, { devices: [], posts: [], deaf: false });
  vi.stubGlobal('fetch', answer);
  forgetDevice();
});

describe('the device of this browser', () => {
  it('has the fingerprint that the server tells', async () => {
    // printf AAAA | base64 -d | sha256sum
    expect(await fingerprintOf('AAAA')).toBe('709E 80C8 8487 A241 1E1E E4DF B9F2 2A86');
  });

  it('is registered once, with a proof for this account, and asked for once a page', async () => {
    const [one, two] = await Promise.all([ensureDevice(), ensureDevice()]);
    expect(one).toBe(two);
    expect(one.id).toBe('device1');
    expect(server.posts).toEqual([{ name: deviceName(navigator.userAgent), public_key: 'AAAA', proof: `${ACCOUNT} AAAA` }]);
  });

  it('is found again after a reload and not registered twice', async () => {
    await ensureDevice();
    forgetDevice();
    expect((await ensureDevice()).id).toBe('device1');
    expect(server.posts).toHaveLength(1);
  });

  it('gets another key once its owner removed it', async () => {
    await ensureDevice();
    server.devices[0]!.state = 'removed';
    forgetDevice();
    const device = await ensureDevice();
    expect(device).toMatchObject({ id: 'device2', identity: { publicKey: 'BBB1' } });
    expect(server.posts.map(({ public_key }) => public_key)).toEqual(['AAAA', 'BBB1']);
  });

  it('is asked for anew after a failure', async () => {
    server.deaf = true;
    await expect(ensureDevice()).rejects.toMatchObject({ code: 'unreachable' });
    server.deaf = false;
    expect((await ensureDevice()).id).toBe('device1');
  });

  it('does not exist where the browser keeps no keys', async () => {
    keys.forbidden = true;
    await expect(ensureDevice()).rejects.toThrow('no storage');
    expect(server.posts).toEqual([]);
  });
});

describe('a device is called', () => {
  const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
  it.each([
    [`${windows} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156 · Windows'],
    [`${windows} Chrome/156.0.0.0 Safari/537.36 Edg/155.0.1`, 'Edge 155 · Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0', 'Firefox 131 · Linux'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 'Safari 18 · macOS'],
    ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36', 'Chrome 150 · Android'],
    ['something else', 'Browser'],
  ])('%s', (agent, name) => {
    expect(deviceName(agent)).toBe(name);
  });
});

describe('the list of devices', () => {
  it('has this one first, then those in use last, then the removed', async () => {
    const { inOrder } = await import('../lawyer/devices');
    const device = (id: string, more: Partial<Device>): Device => ({
      id, name: id, fingerprint: '', state: 'active', added_at_us: 1, seen_at_us: null, removed_at_us: null, ...more,
    });
    const list = [
      device('gone', { state: 'removed', removed_at_us: 90 }), device('old', { seen_at_us: 10 }), device('new', { seen_at_us: 50 }),
      device('own', { added_at_us: 5 }), device('gone-last', { state: 'removed', removed_at_us: 95 }),
    ];
    expect(inOrder(list, 'own').map(({ id }) => id)).toEqual(['own', 'new', 'old', 'gone-last', 'gone']);
  });
});
