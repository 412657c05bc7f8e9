// SPDX-License-Identifier: Apache-2.0
// English texts of the shared elements.
import { registerEnglish } from './text';

registerEnglish({});
