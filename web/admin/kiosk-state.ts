// SPDX-License-Identifier: Apache-2.0
// A kiosk's state in words: invited (token not used yet), enrolled (its key waits for approval), approved and
// online or not, retired.
import type { Kiosk } from '../lib/model';
import { tag } from '../ui/shapes';
import { t } from '../ui/text';

export function kioskTag(kiosk: Kiosk) {
  switch (kiosk.state) {
    case 'retired': return tag('plain', t('已停用'));
    case 'invited': return tag('warn', t('等待入网'));
    case 'enrolled': return tag('warn', t('待批准'));
    default: return kiosk.online ? tag('good', t('在线')) : tag('bad', t('离线'));
  }
}
