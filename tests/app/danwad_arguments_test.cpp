#include "app/danwad/commands.hpp"

#include <gtest/gtest.h>

namespace danwa::app {
namespace {

std::string refusal(const std::vector<std::string>& arguments) {
  try {
    parse_arguments(arguments);
    return "";
  } catch (const UsageError& refused) {
    return refused.what();
  }
}

TEST(DanwadArguments, ServeWithoutACommand) {
  EXPECT_EQ(parse_arguments({}).command, DanwadCommand::serve);
  EXPECT_EQ(parse_arguments({"-c", "a.toml", "--set", "k=v"}).command, DanwadCommand::serve);
}

TEST(DanwadArguments, NameTheCopyOfBackupAndRestore) {
  const auto backup = parse_arguments({"-c", "a.toml", "backup", "/b/x.db", "--set=k=v"});
  EXPECT_EQ(backup.command, DanwadCommand::backup);
  EXPECT_EQ(backup.copy, "/b/x.db");
  EXPECT_EQ(backup.file, "a.toml");
  EXPECT_EQ(backup.overrides, std::vector<std::string>{"k=v"});
  EXPECT_EQ(parse_arguments({"restore", "x.db"}).command, DanwadCommand::restore);
  EXPECT_EQ(parse_arguments({"migrate"}).command, DanwadCommand::migrate);
}

TEST(DanwadArguments, NameBothDatabasesOfACopy) {
  const auto copy = parse_arguments({"copy", "--from", "sqlite:a.db", "--to", "postgres://db/danwa"});
  EXPECT_EQ(copy.command, DanwadCommand::copy);
  EXPECT_EQ(copy.from, "sqlite:a.db");
  EXPECT_EQ(copy.to, "postgres://db/danwa");
  EXPECT_EQ(parse_arguments({"copy", "--from", "sqlite:a.db"}).to, "");
  EXPECT_EQ(refusal({"copy", "--to", "postgres://db/danwa"}), "copy needs --from sqlite:PATH");
  EXPECT_EQ(refusal({"migrate", "--to", "postgres://db/danwa"}), "--from and --to are of copy");
}

TEST(DanwadArguments, SayWhatIsMissingOrUnknown) {
  EXPECT_EQ(refusal({"backup"}), "backup needs one file, the copy");
  EXPECT_EQ(refusal({"restore", "a", "b"}), "restore needs one file, the copy");
  EXPECT_EQ(refusal({"backup", ""}), "backup needs one file, the copy");
  EXPECT_EQ(refusal({"migrate", "now"}),
            "unknown command: migrate now; there are: config check, config print, migrate, backup COPY, restore COPY, "
            "copy --from URL");
}

TEST(DanwadArguments, HelpTeachesEveryCommand) {
  const auto help = danwad_help();
  for (const char* taught :
       {"config check", "config print", "migrate", "backup COPY", "restore COPY", "copy --from", "Exit status"}) {
    EXPECT_NE(help.find(taught), std::string::npos) << taught;
  }
}

}  // namespace
}  // namespace danwa::app
