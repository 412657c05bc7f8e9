// SPDX-License-Identifier: Apache-2.0
import '../ui/base.css';
import './page';
import { startPage } from '../ui/page';

void startPage().then(() => document.body.append(document.createElement('hj-how')));
