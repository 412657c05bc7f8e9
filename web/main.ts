// SPDX-License-Identifier: Apache-2.0
import './ui/base.css';
import './signin/sign-in';
import { startPage } from './ui/page';

void startPage().then(() => document.body.append(document.createElement('hj-sign-in')));
