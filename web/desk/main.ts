// SPDX-License-Identifier: Apache-2.0
import '../ui/base.css';
import '../staff/staff.css';
import './desk.css';
import './page';
import { startPage } from '../ui/page';

void startPage().then(() => document.body.append(document.createElement('hj-desk-page')));
