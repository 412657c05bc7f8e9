/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl: the table of its commands, how a command line is read, and how a run ends: 0 done, 1 refused or failed, 2 said
 * wrong. Everything but init goes over huijiand's own socket (docs/operations.md). */

#include "src/ctl/command.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "src/access/password.h"
#include "src/base/json.h"
#include "src/base/keys.h"

#define EXIT_USAGE 2

/* clang-format off */
static const HjCtlCommand COMMANDS[] = {
  { "init", "", "name display-name password-stdin json", "make the database and the first administrator; huijiand must not be running", hj_ctl_init },
  { "account add", "NAME", "role display-name lawyer centre all password-stdin json", "make an account: --role desk|administrator|supervisor with --centre (or --all), --role lawyer with --lawyer", hj_ctl_account_add },
  { "account list", "", "json", "show all accounts", hj_ctl_account_list },
  { "account disable", "NAME", "json", "end all sessions of an account and let it sign in no more", hj_ctl_account_disable },
  { "account enable", "NAME", "json", "let it sign in again", hj_ctl_account_enable },
  { "account set-password", "NAME", "password-stdin json", "give it a new password", hj_ctl_account_set_password },
  { "centre add", "CODE", "name name-en zone json", "make a centre: 9 digits and --name", hj_ctl_centre_add },
  { "centre list", "", "json", "show all centres", hj_ctl_centre_list },
  { "room add", "NAME", "centre name-en json", "make a room in --centre", hj_ctl_room_add },
  { "room list", "", "centre json", "show rooms", hj_ctl_room_list },
  { "kiosk invite", "", "room name json", "print a token with which a kiosk for --room enrols, once, within 10 minutes", hj_ctl_kiosk_invite },
  { "kiosk list", "", "json", "show kiosks, their keys' fingerprints and whether they are online", hj_ctl_kiosk_list },
  { "kiosk approve", "KIOSK [FINGERPRINT]", "json", "let an enrolled kiosk work: the fingerprint is the one that the kiosk itself shows", hj_ctl_kiosk_approve },
  { "kiosk retire", "KIOSK", "json", "take a kiosk out of service for good", hj_ctl_kiosk_retire },
  { "policy show", "CENTRE", "json", "print a centre's rules for bookings", hj_ctl_policy_show },
  { "policy set", "CENTRE FILE", "json", "set a centre's rules from a JSON document", hj_ctl_policy_set },
  { "import", "FILE", "json", "import records, one JSON object a line; goes on where it stopped", hj_ctl_import },
  { "doctor", "", "json", "look whether everything is as it must be", hj_ctl_doctor },
};
/* clang-format on */

/* Options with a value, in the order of the help; "all", "password-stdin" and "json" have none. */
typedef struct
{
  char *config;
  gboolean version;
  GHashTable *options;
  GPtrArray *words;
} Line;

static const char *
find_flag (const char *name)
{
  static const char *const FLAGS[] = { "all", "password-stdin", "json" };

  for (gsize i = 0; i < G_N_ELEMENTS (FLAGS); i++)
    if (g_str_equal (FLAGS[i], name))
      return FLAGS[i];
  return NULL;
}

static gboolean
take_option (const char *option, const char *value, gpointer data, GError **error)
{
  Line *line = data;
  const char *name = option + strspn (option, "-");
  GPtrArray *values = g_hash_table_lookup (line->options, name);

  if (values == NULL)
    {
      values = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (line->options, g_strdup (name), values);
    }
  g_ptr_array_add (values, g_strdup (value != NULL ? value : "yes"));
  return TRUE;
}

static gboolean
take_word (const char *option, const char *value, gpointer data, GError **error)
{
  Line *line = data;

  g_ptr_array_add (line->words, g_strdup (value));
  return TRUE;
}

/* The table of commands as the end of --help. Returns: (transfer full). */
static char *
describe_commands (void)
{
  GString *text = g_string_new ("Commands:\n");

  for (gsize i = 0; i < G_N_ELEMENTS (COMMANDS); i++)
    g_string_append_printf (text, "  %s%s%s\n      %s\n", COMMANDS[i].words,
        *COMMANDS[i].arguments != '\0' ? " " : "", COMMANDS[i].arguments, COMMANDS[i].summary);
  g_string_append (text, "\nExit status: 0 done, 1 refused or failed, 2 said wrong.");
  return g_string_free (text, FALSE);
}

#define VALUE(NAME, HELP, WHAT)                                                                    \
  {                                                                                                \
    NAME, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)take_option, HELP, WHAT                           \
  }
#define FLAG(NAME, HELP)                                                                           \
  {                                                                                                \
    NAME, 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)take_option, HELP, NULL        \
  }

static gboolean
read_line (Line *line, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &line->config, "Configuration file", "FILE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &line->version, "Print the version", NULL },
    FLAG ("json", "Print answers as JSON"),
    VALUE ("role", "lawyer, desk, administrator or supervisor", "ROLE"),
    VALUE ("display-name", "What others see", "NAME"),
    VALUE ("lawyer", "Licence number or id", "LICENCE"),
    VALUE ("centre", "Code, name or id; more than once for staff of several", "CENTRE"),
    FLAG ("all", "Every centre, also future ones"),
    FLAG ("password-stdin", "Read the password from stdin instead of making one"),
    VALUE ("room", "Name or id", "ROOM"),
    VALUE ("name", "What it is called", "NAME"),
    VALUE ("name-en", "The same in English", "NAME"),
    VALUE ("zone", "Time zone, Asia/Shanghai if not given", "ZONE"),
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)take_word, NULL, NULL },
    { 0 },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND - run Huijian");
  GOptionGroup *group = g_option_group_new ("main", "", "", line, NULL);
  g_autofree char *commands = describe_commands ();
  g_autoptr (GError) failure = NULL;

  g_option_group_add_entries (group, entries);
  g_option_context_set_main_group (context, group);
  g_option_context_set_description (context, commands);
  if (g_option_context_parse (context, argc, argv, &failure))
    return TRUE;
  g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE, "%s (see --help)", failure->message);
  return FALSE;
}

/* Returns: how many words the command takes, 0 when the line does not begin with them. */
static guint
match (const HjCtlCommand *command, const GPtrArray *words)
{
  g_auto (GStrv) wanted = g_strsplit (command->words, " ", -1);
  guint n = g_strv_length (wanted);

  if (words->len < n)
    return 0;
  for (guint i = 0; i < n; i++)
    if (!g_str_equal (wanted[i], g_ptr_array_index (words, i)))
      return 0;
  return n;
}

/* Whether n arguments are neither too few nor too many; those in brackets may be left out. */
static gboolean
is_count_right (char **wanted, guint n)
{
  guint required = 0;

  while (wanted[required] != NULL && *wanted[required] != '[')
    required++;
  return n >= required && n <= g_strv_length (wanted);
}

static gboolean
check_arguments (const HjCtlCommand *command, const Line *line, guint n_words, GError **error)
{
  g_auto (GStrv) wanted = g_strsplit (command->arguments, " ", -1);
  g_auto (GStrv) known = g_strsplit (command->options, " ", -1);
  GHashTableIter iter;
  gpointer name;

  if (!is_count_right (wanted, line->words->len - n_words))
    {
      g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE, "huijianctl %s %s (see --help)",
          command->words, command->arguments);
      return FALSE;
    }
  g_hash_table_iter_init (&iter, line->options);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains ((const char *const *)known, name))
      {
        g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE, "%s does not take --%s",
            command->words, (const char *)name);
        return FALSE;
      }
  return TRUE;
}

static gboolean
run (const HjCtlCommand *command, Line *line, guint n_words, GError **error)
{
  g_autoptr (HjConfig) config = NULL;
  g_autoptr (HjCtlClient) client = NULL;
  HjCtl ctl = { 0 };

  if (!check_arguments (command, line, n_words, error))
    return FALSE;
  config = hj_config_new_from_file (line->config != NULL ? line->config : HJ_HUIJIAND_CONFIG,
      HJ_HUIJIAND_GROUP, hj_huijiand_keys, error);
  if (config == NULL)
    return FALSE;
  client = hj_ctl_client_new (hj_config_get (config, "ctl_socket"));
  g_ptr_array_add (line->words, NULL);
  ctl.config = config;
  ctl.client = client;
  ctl.arguments = (char **)line->words->pdata + n_words;
  ctl.options = line->options;
  ctl.json = hj_ctl_option (&ctl, find_flag ("json")) != NULL;
  return command->run (&ctl, error);
}

static gboolean
find_and_run (Line *line, GError **error)
{
  g_autoptr (GString) said = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (COMMANDS); i++)
    {
      guint n = match (&COMMANDS[i], line->words);

      if (n > 0)
        return run (&COMMANDS[i], line, n, error);
    }
  for (guint i = 0; i < line->words->len; i++)
    g_string_append_printf (said, " %s", (char *)g_ptr_array_index (line->words, i));
  g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE, "no such command:%s (see --help)",
      said->len > 0 ? said->str : " none was given");
  return FALSE;
}

/* Returns: the exit status. */
int
hj_ctl_main (int argc, char **argv)
{
  g_autoptr (GHashTable) options
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  Line line = { .options = options, .words = words };
  g_autoptr (GError) error = NULL;
  gboolean done;

  setlocale (LC_ALL, "");
  done = read_line (&line, &argc, &argv, &error);
  if (done && line.version)
    g_print ("huijianctl " HJ_VERSION "\n");
  else if (done)
    done = find_and_run (&line, &error);
  g_free (line.config);
  if (done)
    return 0;
  g_printerr ("huijianctl: %s\n", error->message);
  return g_error_matches (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE) ? EXIT_USAGE : 1;
}

/* Returns: (transfer none) (nullable): the option's last value. */
const char *
hj_ctl_option (HjCtl *ctl, const char *name)
{
  GPtrArray *values = g_hash_table_lookup (ctl->options, name);

  return values != NULL ? g_ptr_array_index (values, values->len - 1) : NULL;
}

/* Returns: (transfer none) (nullable): as hj_ctl_option(), but it must be there. */
const char *
hj_ctl_require (HjCtl *ctl, const char *name, GError **error)
{
  const char *value = hj_ctl_option (ctl, name);

  if (value == NULL)
    g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE, "--%s is needed", name);
  return value;
}

/* With --password-stdin the first line of stdin, otherwise a new one. Never an argument, which every user of the machine can
 * see. Returns: (transfer full) (nullable). */
char *
hj_ctl_read_password (HjCtl *ctl, gboolean *ret_generated, GError **error)
{
  char line[HJ_PASSWORD_MAX_BYTES + 3];

  *ret_generated = hj_ctl_option (ctl, "password-stdin") == NULL;
  if (*ret_generated)
    return hj_password_generate ();
  if (fgets (line, sizeof line, stdin) == NULL)
    {
      g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_INPUT, "no password came on stdin");
      return NULL;
    }
  line[strcspn (line, "\r\n")] = '\0';
  return g_strdup (line);
}
