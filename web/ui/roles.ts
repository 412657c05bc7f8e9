// SPDX-License-Identifier: Apache-2.0
// What a role is called.
import './english';
import type { Role } from '../lib/model';
import { t } from './text';

export function roleName(role: Role | string): string {
  switch (role) {
    case 'lawyer': return t('律师');
    case 'desk': return t('会见登记台');
    case 'administrator': return t('管理员');
    case 'supervisor': return t('监督员');
    case 'kiosk': return t('会见终端');
    case 'detainee': return t('在押人员');
    case 'machine': return t('系统');
    default: return role;
  }
}
