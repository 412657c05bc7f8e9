// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { INCOMING_MAX, decode, slotOf } from '../lib/protocol';

const seat = { seat: 's', number: 1, role: 'kiosk', name: '李', state: 'connected', identity: 'MFkw', mids: ['0', '1'] };
const turnServer = { urls: ['turns:turn.example:443?transport=tcp'], username: '1790003600:f0f7', credential: 'Pq5N=' };
const say = (value: unknown) => decode(JSON.stringify(value));

describe('decode', () => {
  it('tells the two hellos apart', () => {
    expect(say({ verb: 'hello', v: 1, nonce: 'n', origin: 'o' })).toEqual({ verb: 'hello', v: 1, nonce: 'n', origin: 'o' });
    expect(say({ verb: 'hello', v: 1, re: 1, you: { kind: 'lawyer', id: 'x' } })).toMatchObject({ you: { id: 'x' }, resumed: false });
  });

  it('takes every message of the contract', () => {
    const messages = [
      { verb: 'assign', assignment: null },
      { verb: 'assign', assignment: { booking: 'b', meeting: null, state: 'CONFIRMED', lawyer: { name: 'a', firm: 'f' }, detainee: { name: 'd' }, starts_at_us: 1, ends_at_us: 2, lawyer_waiting: false, checked_in: true } },
      { verb: 'join', re: 2, meeting: 'm', booking: 'b', seat: 's', number: 0, role: 'lawyer', token: 't', state: 'waiting', starts_at_us: 1, ends_at_us: 2 },
      { verb: 'seats', meeting: 'm', state: 'live', seats: [seat] },
      { verb: 'answer', re: 3, sdp: 'v=0' },
      { verb: 'answer', re: 3, sdp: 'v=0', ice_servers: [turnServer] },
      { verb: 'admit', meeting: 'm', at_us: 5 },
      { verb: 'key', meeting: 'm', from: 's', body: 'AQ-_' },
      { verb: 'verify', re: 6 },
      { verb: 'notice', kind: 'time-left', minutes: 5 },
      { verb: 'notice', kind: 'state', state: 'cut_off' },
      { verb: 'notice', kind: 'record-changed', findings: [] },
      { verb: 'notice', kind: 'media-lost' },
      { verb: 'notice', kind: 'media-back' },
      { verb: 'leave', re: 4 },
      { verb: 'end', meeting: 'm', reason: 'done', by: 'lawyer', at_us: 9 },
      { verb: 'follow', meetings: [] },
      { verb: 'follow', meeting: { id: 'm' } },
      { verb: 'error', code: 'state', title: 'no' },
    ];
    for (const message of messages) expect(say(message), JSON.stringify(message)).toMatchObject({ verb: message.verb });
  });

  it('drops members that it does not know', () => {
    expect(say({ verb: 'admit', meeting: 'm', at_us: 5, later: true })).toEqual({ verb: 'admit', meeting: 'm', at_us: 5 });
  });

  it('knows TURN servers, and none when none are named', () => {
    const joined = { verb: 'join', meeting: 'm', booking: 'b', seat: 's', number: 0, token: 't', state: 'waiting' };
    expect(say(joined)).toMatchObject({ ice_servers: [] });
    expect(say({ ...joined, ice_servers: [{ ...turnServer, more: 1 }] })).toMatchObject({ ice_servers: [turnServer] });
    expect(say({ verb: 'hello', v: 1, re: 1, you: { kind: 'lawyer', id: 'x' }, resumed: true, ice_servers: [turnServer] })).toMatchObject({ ice_servers: [turnServer] });
    const urls = ['turn:[2001:db8::1]:3478', 'turn:192.0.2.1?transport=udp', 'turn:host'];
    expect(say({ ...joined, ice_servers: [{ ...turnServer, urls }] })).toMatchObject({ ice_servers: [{ urls }] });
  });

  it.each([
    ['no list', {}],
    ['more than four', [turnServer, turnServer, turnServer, turnServer, turnServer]],
    ['no address', [{ ...turnServer, urls: [] }]],
    ['an address that is no list', [{ ...turnServer, urls: 'turn:host' }]],
    ['more than eight addresses', [{ ...turnServer, urls: Array.from({ length: 9 }, () => 'turn:host') }]],
    ['a STUN server', [{ ...turnServer, urls: ['stun:host'] }]],
    ['a page', [{ ...turnServer, urls: ['https://host/turn:x'] }]],
    ['another transport', [{ ...turnServer, urls: ['turn:host?transport=sctp'] }]],
    ['an address too long', [{ ...turnServer, urls: [`turn:${'x'.repeat(256)}`] }]],
    ['an address with more lines', [{ ...turnServer, urls: ['turn:host\nturn:other'] }]],
    ['no name', [{ urls: ['turn:host'], credential: 'c' }]],
    ['an empty password', [{ ...turnServer, credential: '' }]],
    ['a password too long', [{ ...turnServer, credential: 'x'.repeat(513) }]],
  ])('refuses a message whose TURN servers are bad: %s', (_what, servers) => {
    expect(say({ verb: 'answer', re: 1, sdp: 'v=0', ice_servers: servers })).toBeNull();
    expect(say({ verb: 'join', meeting: 'm', booking: 'b', seat: 's', number: 0, token: 't', state: 'waiting', ice_servers: servers })).toBeNull();
  });

  it('tells a seat without an identity from one with another', () => {
    const { identity: _none, ...bare } = seat;
    expect(say({ verb: 'seats', meeting: 'm', state: 'live', seats: [bare, seat] })).toMatchObject({ seats: [{ identity: '' }, { identity: 'MFkw' }] });
  });

  it('reads mids given as numbers', () => {
    expect(say({ verb: 'seats', meeting: 'm', state: 'live', seats: [{ ...seat, mids: [2, 3] }] })).toMatchObject({ seats: [{ mids: ['2', '3'] }] });
  });

  it('takes the snapshot of thousands of meetings', () => {
    const meetings = Array.from({ length: 3000 }, (_, n) => ({ id: `m${n}`, state: 'live', lawyer: { name: '陈思远', firm: '示例正衡律师事务所' }, seats: [] }));
    const text = JSON.stringify({ verb: 'follow', re: 1, meetings });
    expect(text.length).toBeGreaterThan(64 * 1024);
    expect(decode(text)).toMatchObject({ verb: 'follow', meetings: { length: 3000 } });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no verb', '{}'],
    ['an unknown verb', '{"verb":"sing"}'],
    ['a name of Object.prototype', '{"verb":"constructor"}'],
    ['a seat number out of range', JSON.stringify({ verb: 'seats', meeting: 'm', state: 'live', seats: [{ ...seat, number: 5 }] })],
    ['an unknown state', JSON.stringify({ verb: 'seats', meeting: 'm', state: 'asleep', seats: [] })],
    ['a time with a fraction', JSON.stringify({ verb: 'admit', meeting: 'm', at_us: 1.5 })],
    ['a missing member', JSON.stringify({ verb: 'answer', re: 1 })],
    ['another version', JSON.stringify({ verb: 'hello', v: 2, nonce: 'n', origin: 'o' })],
    ['a joined number out of range', JSON.stringify({ verb: 'join', meeting: 'm', booking: 'b', seat: 's', number: 5, role: 'lawyer', token: 't', state: 'waiting' })],
    ['an identity that is no text', JSON.stringify({ verb: 'seats', meeting: 'm', state: 'live', seats: [{ ...seat, identity: 7 }] })],
    ['an identity too long', JSON.stringify({ verb: 'seats', meeting: 'm', state: 'live', seats: [{ ...seat, identity: 'x'.repeat(513) }] })],
    ['a key from nobody', JSON.stringify({ verb: 'key', meeting: 'm', body: 'AQ' })],
    ['a key of no meeting', JSON.stringify({ verb: 'key', from: 's', body: 'AQ' })],
    ['a key that is empty', JSON.stringify({ verb: 'key', meeting: 'm', from: 's', body: '' })],
    ['a key in another alphabet', JSON.stringify({ verb: 'key', meeting: 'm', from: 's', body: 'A+/=' })],
    ['a key too long', JSON.stringify({ verb: 'key', meeting: 'm', from: 's', body: 'A'.repeat(2049) })],
    ['too much', JSON.stringify({ verb: 'answer', sdp: 'x'.repeat(INCOMING_MAX) })],
  ])('refuses %s', (_what, text) => {
    expect(decode(text)).toBeNull();
  });
});

describe('slots', () => {
  it('follow the rule of the contract for five seats', () => {
    for (let reader = 0; reader < 5; reader++) {
      const slots = [0, 1, 2, 3, 4].filter((one) => one !== reader).map((speaker) => slotOf(speaker, reader));
      expect(slots).toEqual([0, 1, 2, 3]);
    }
  });
});
