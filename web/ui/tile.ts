// SPDX-License-Identifier: Apache-2.0
// When the picture of another seat is shown, what stands in its place, and the note over a picture that runs without its
// seat's signalling. What arrives decides; the roster only explains.
import type { E2eeView } from '../lib/e2ee/types';
import { isOpen, type Flow } from '../lib/flow';
import type { SeatView } from '../lib/protocol';
import './english';
import { t } from './text';
import { seatStateText } from './words';

/** seen: the element has begun to play it; flow: undefined before the first look. */
export function pictureShows(seat: SeatView, seen: boolean, flow: Flow | undefined): boolean {
  if (!seen) return false;
  return flow === undefined ? seat.state === 'admitted' : flow === 'picture';
}

/** What stands where no picture is; live: the seats of the meeting were let in; e2ee: how far our agreement on keys is. */
export function coverText(seat: SeatView, flow: Flow | undefined, live: boolean, e2ee?: Pick<E2eeView, 'state'>): string {
  if (live && !isOpen(flow) && seat.state !== 'left') {
    if (e2ee?.state === 'agreeing' || e2ee?.state === 'starting') return t('正在建立加密，完成后显示画面');
    if (e2ee?.state === 'disturbed' || e2ee?.state === 'stopped') return t('加密已停止，没有画面和声音');
  }
  if (flow === 'sealed') return t('收到的内容无法解密，不显示也不播放');
  if (flow === 'sound') return t('对方没有画面（摄像头未开或不可用），可以通话');
  if (flow === 'starting') return t('等待画面');
  return live && seat.state === 'admitted' ? t('等待画面') : seatStateText(seat.state);
}

/** Over a picture or sound that goes on while the seat's signalling is away; null when there is nothing to say. */
export function awayNote(seat: SeatView, flow: Flow | undefined): string | null {
  return isOpen(flow) && (seat.state === 'dropped' || seat.state === 'left') ? t('对方与服务器的联系中断，通话不受影响') : null;
}
