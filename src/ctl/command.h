/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/config.h"
#include "src/ctl/client.h"
#include "src/ctl/error.h"

G_BEGIN_DECLS

/* One run of huijianctl. */
typedef struct
{
  const HjConfig *config; /* not owned */
  HjCtlClient *client;    /* not owned */
  char **arguments;       /* not owned: what follows the command's words, NULL-terminated */
  GHashTable *options;    /* not owned: name -> GPtrArray of texts */
  gboolean json;          /* print the answer as JSON */
} HjCtl;

typedef gboolean (*HjCtlRun) (HjCtl *ctl, GError **error);

typedef struct
{
  const char *words; /* "account add" */
  const char
      *arguments; /* "NAME [MORE]", for the help; each word one argument, those in brackets last */
  const char *options; /* names that it takes, separated by blanks */
  const char *summary;
  HjCtlRun run;
} HjCtlCommand;

int hj_ctl_main (int argc, char **argv);

const char *hj_ctl_option (HjCtl *ctl, const char *name);
const char *hj_ctl_require (HjCtl *ctl, const char *name, GError **error);
char *hj_ctl_read_password (HjCtl *ctl, gboolean *ret_generated, GError **error);

/* init.c */
gboolean hj_ctl_init (HjCtl *ctl, GError **error);
/* accounts.c */
gboolean hj_ctl_account_add (HjCtl *ctl, GError **error);
gboolean hj_ctl_account_disable (HjCtl *ctl, GError **error);
gboolean hj_ctl_account_enable (HjCtl *ctl, GError **error);
gboolean hj_ctl_account_list (HjCtl *ctl, GError **error);
gboolean hj_ctl_account_set_password (HjCtl *ctl, GError **error);
/* places.c */
gboolean hj_ctl_centre_add (HjCtl *ctl, GError **error);
gboolean hj_ctl_centre_list (HjCtl *ctl, GError **error);
gboolean hj_ctl_room_add (HjCtl *ctl, GError **error);
gboolean hj_ctl_room_list (HjCtl *ctl, GError **error);
gboolean hj_ctl_policy_set (HjCtl *ctl, GError **error);
gboolean hj_ctl_policy_show (HjCtl *ctl, GError **error);
/* kiosks.c */
gboolean hj_ctl_kiosk_approve (HjCtl *ctl, GError **error);
gboolean hj_ctl_kiosk_invite (HjCtl *ctl, GError **error);
gboolean hj_ctl_kiosk_list (HjCtl *ctl, GError **error);
gboolean hj_ctl_kiosk_retire (HjCtl *ctl, GError **error);
/* import.c */
gboolean hj_ctl_import (HjCtl *ctl, GError **error);
/* doctor.c */
gboolean hj_ctl_doctor (HjCtl *ctl, GError **error);

G_END_DECLS
