/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl: the command line of administrators. */

#include "src/ctl/command.h"

int
main (int argc, char **argv)
{
  return hj_ctl_main (argc, argv);
}
