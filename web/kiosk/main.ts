// SPDX-License-Identifier: Apache-2.0
import './kiosk.css';
import '../ui/english';
import './english';
import './page';
import { setLocale } from '../ui/text';

// A kiosk speaks Chinese to whoever comes next; what the last person chose is not kept.
void setLocale('zh-CN', false).then(() => document.body.append(document.createElement('hj-kiosk')));
