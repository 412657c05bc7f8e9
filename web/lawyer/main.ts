// SPDX-License-Identifier: Apache-2.0
import '../ui/base.css';
import { startPage } from '../ui/page';

void startPage();
