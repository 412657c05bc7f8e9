/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of [huijiand] in huijian.conf: one table, since the service and its command line must read the file alike.
 * Any thread. */

#include "src/base/keys.h"

/* clang-format off */
const HjConfigKey hj_huijiand_keys[] = {
  { "state_dir",         "/var/lib/huijian" },
  { "origins",           NULL }, /* the first one is the main one */
  { "api_socket",        "/run/huijian/api.sock" },
  { "signalling_socket", "/run/huijian/signalling.sock" },
  { "link_socket",       "/run/huijian/link.sock" },
  { "ctl_socket",        "/run/huijian/ctl.sock" },
  { "resume_s",          "60" }, /* how long a dropped seat keeps its place */
  { NULL,                NULL },
};
/* clang-format on */

/* Returns: (transfer full): the path of the database file. */
char *
hj_huijiand_database (const HjConfig *config)
{
  return g_build_filename (hj_config_get (config, "state_dir"), "huijian.db", NULL);
}
