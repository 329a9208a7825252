#include "print/topology/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "print/limits.h"
#include "print/topology/topology_record.h"

namespace ipm::print {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TimePoint at(int seconds) {
  return TimePoint{std::chrono::seconds{1'900'000'000 + seconds}};
}

void add(Topology& topology, const std::string& name, int when = 0) {
  DestinationOrder order;
  order.name = name;
  order.device_uri = "socket://" + name + ".example.com";
  apply(topology, add_destination(topology, order, "urn:uuid:" + name, at(when)));
}

template <class Work>
Message refused(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  ADD_FAILURE() << "it was not refused";
  return Message::Unexpected;
}

// Two printers on one queue, which two devices print; one device serves another queue too.
Topology pool() {
  Topology topology;
  add(topology, "office", 0);
  add(topology, "draft", 1);
  add(topology, "attic", 2);
  TopologyChange change;
  change.logical = {topology.logical.at("draft")};
  change.logical.back().queue = "office";
  change.queues = {{"office", {"office", "attic"}, false}};
  change.removed_queues = {"draft"};
  change.removed_devices = {"draft"};
  apply(topology, change);
  return topology;
}

TEST(Topology, ManyDestinationsQueuesAndDevicesHangTogether) {
  const Topology topology = pool();
  EXPECT_THAT(topology.devices_of("draft"), ElementsAre("office", "attic"));
  EXPECT_THAT(topology.devices_of("attic"), ElementsAre("attic"));
  EXPECT_THAT(topology.fed_by("attic"), ElementsAre("attic", "draft", "office"));
  EXPECT_THAT(topology.fed_by("office"), ElementsAre("draft", "office"));
  EXPECT_EQ(topology.queue_of("draft"), "office");
  EXPECT_EQ(topology.queue_of("nowhere"), "nowhere");
  EXPECT_THAT(topology.devices_of("nowhere"), IsEmpty());
}

TEST(Topology, TheDefaultIsTheFirstThatWasAddedNotTheFirstOfTheAlphabet) {
  Topology topology;
  add(topology, "office", 0);
  add(topology, "accounting", 5);
  EXPECT_EQ(topology.default_printer, "office");
  apply(topology, set_default(topology, "accounting"));
  EXPECT_EQ(topology.default_printer, "accounting");
  add(topology, "zebra", 7);
  EXPECT_EQ(topology.default_printer, "accounting");
  apply(topology, remove_destination(topology, "accounting"));
  EXPECT_EQ(topology.default_printer, "office") << "the oldest of those that are left";
  apply(topology, remove_destination(topology, "zebra"));
  EXPECT_EQ(topology.default_printer, "office");
  apply(topology, remove_destination(topology, "office"));
  EXPECT_EQ(topology.default_printer, "");
  EXPECT_EQ(refused([&] { static_cast<void>(set_default(topology, "office")); }),
            Message::PrinterNotFound);
}

TEST(Topology, RemovingTakesWhatNothingElseUses) {
  Topology topology = pool();
  const auto draft = remove_destination(topology, "draft");
  EXPECT_THAT(draft.removed_queues, IsEmpty());
  EXPECT_THAT(draft.removed_devices, IsEmpty());
  apply(topology, draft);
  const auto office = remove_destination(topology, "office");
  EXPECT_THAT(office.removed_queues, ElementsAre("office"));
  EXPECT_THAT(office.removed_devices, ElementsAre("office")) << "attic still serves its own";
  apply(topology, office);
  EXPECT_THAT(topology.devices, SizeIs(1));
}

TEST(Topology, AnOccupiedOrImpossibleNameIsRefused) {
  Topology topology;
  add(topology, "office");
  DestinationOrder order;
  order.name = "office";
  EXPECT_EQ(refused([&] { static_cast<void>(add_destination(topology, order, "", at(0))); }),
            Message::PrinterExists);
  for (const auto* name : {"", "-x", "a b", "a/b", "..", "\t"}) {
    order.name = name;
    EXPECT_EQ(refused([&] { static_cast<void>(add_destination(topology, order, "", at(0))); }),
              Message::NameInvalid)
        << name;
  }
  order.name = "other";
  for (const int attempts : {0, -1, kAttemptsMax + 1}) {
    order.policy.attempts = attempts;
    EXPECT_EQ(refused([&] { static_cast<void>(add_destination(topology, order, "", at(0))); }),
              Message::AttributesUnsupported);
  }
}

TEST(Topology, AModificationChangesWhatItNamesAndNothingElse) {
  Topology topology;
  add(topology, "office");
  DestinationChange wanted;
  wanted.location = "Room 9";
  apply(topology, modify_destination(topology, "office", wanted, at(9)));
  EXPECT_EQ(topology.logical.at("office").location, "Room 9");
  EXPECT_EQ(topology.logical.at("office").uuid, "urn:uuid:office");
  EXPECT_EQ(topology.logical.at("office").created, at(0));
  EXPECT_EQ(topology.logical.at("office").state_changed, at(9));
  EXPECT_EQ(topology.devices.at("office").device_uri, "socket://office.example.com");
  wanted = {};
  wanted.device_uri = "socket://new.example.com";
  wanted.wait_for_end = true;
  wanted.on_failure = OnFailure::StopPrinter;
  wanted.on_doubt = OnDoubt::Again;
  wanted.attempts = 9;
  apply(topology, modify_destination(topology, "office", wanted, at(10)));
  const auto& device = topology.devices.at("office");
  EXPECT_EQ(device.device_uri, "socket://new.example.com");
  EXPECT_TRUE(device.settings.wait_for_end);
  EXPECT_EQ(device.policy, (ErrorPolicy{OnFailure::StopPrinter, OnDoubt::Again, 9}));
  EXPECT_EQ(topology.logical.at("office").location, "Room 9");
  wanted.attempts = 0;
  EXPECT_EQ(
      refused([&] { static_cast<void>(modify_destination(topology, "office", wanted, at(0))); }),
      Message::AttributesUnsupported);
  EXPECT_EQ(refused([&] { static_cast<void>(modify_destination(topology, "no", {}, at(0))); }),
            Message::PrinterNotFound);
  Topology shared = pool();
  wanted.attempts = 3;
  EXPECT_EQ(
      refused([&] { static_cast<void>(modify_destination(shared, "office", wanted, at(0))); }),
      Message::AttributesUnsupported)
      << "whose address is meant?";
}

TEST(Topology, ResumingADestinationResumesTheDevicesThatItsErrorsStopped) {
  Topology topology = pool();
  apply(topology, pause_destination(topology, "draft", true, "", at(1)));
  EXPECT_TRUE(topology.queues.at("office").paused);
  EXPECT_FALSE(topology.queues.at("attic").paused);
  apply(topology, pause_device(topology, "attic", "it failed", at(2)));
  EXPECT_EQ(topology.devices.at("attic").message, "it failed");
  apply(topology, pause_destination(topology, "draft", false, "", at(2)));
  EXPECT_FALSE(topology.queues.at("office").paused);
  EXPECT_FALSE(topology.devices.at("attic").paused);
  EXPECT_EQ(topology.devices.at("attic").message, "");
  apply(topology, accept_jobs(topology, "draft", false, at(3)));
  EXPECT_FALSE(topology.logical.at("draft").accepting);
  EXPECT_TRUE(topology.logical.at("office").accepting);
}

TEST(Topology, RepairTakesOutWhatHangsInTheAir) {
  Topology topology = pool();
  topology.devices.erase("attic");
  const auto complaints = repair(topology);
  ASSERT_THAT(complaints, SizeIs(1));
  EXPECT_THAT(complaints.front(), HasSubstr("attic"));
  EXPECT_THAT(topology.devices_of("draft"), ElementsAre("office"));
  topology.default_printer = "attic";
  EXPECT_THAT(repair(topology), IsEmpty());
  EXPECT_EQ(topology.default_printer, "office");
}

TEST(Topology, B3_ItComesBackFromItsRecordsAsItWas) {
  Topology topology = pool();
  DestinationChange wanted;
  wanted.wait_for_end = true;
  wanted.credentials = "/etc/ipm/secret";
  wanted.declared.emplace().add_boolean("color-supported", true);
  wanted.on_failure = OnFailure::AbortJob;
  wanted.on_doubt = OnDoubt::Again;
  wanted.attempts = 2;
  wanted.info = "third floor";
  apply(topology, modify_destination(topology, "attic", wanted, at(77)));
  apply(topology, pause_destination(topology, "office", true, "no toner", at(5)));
  apply(topology, pause_device(topology, "attic", "why", at(77)));
  TopologyChange all;
  for (const auto& [name, value] : topology.logical) all.logical.push_back(value);
  for (const auto& [name, value] : topology.queues) all.queues.push_back(value);
  for (const auto& [name, value] : topology.devices) all.devices.push_back(value);
  all.default_printer = "draft";
  std::vector<spool::Change> changes;
  add_records(all, changes);
  std::vector<spool::Destination> records;
  std::map<std::string, std::string> settings;
  for (const auto& change : changes) {
    if (const auto* record = std::get_if<spool::Destination>(&change)) records.push_back(*record);
    if (const auto* setting = std::get_if<spool::Setting>(&change))
      settings[setting->key] = setting->value.value_or("");
  }
  std::vector<std::string> complaints;
  const Topology back = topology_of(records, settings, complaints);
  EXPECT_TRUE(complaints.empty());
  EXPECT_EQ(back.default_printer, "draft");
  EXPECT_THAT(back.fed_by("attic"), ElementsAre("attic", "draft", "office"));
  EXPECT_TRUE(back.queues.at("office").paused);
  EXPECT_EQ(back.queues.at("office").message, "no toner");
  const auto& logical = back.logical.at("attic");
  EXPECT_EQ(logical.info, "third floor");
  EXPECT_EQ(logical.created, at(2));
  EXPECT_EQ(logical.state_changed, at(77));
  EXPECT_EQ(logical.uuid, "urn:uuid:attic");
  const auto& device = back.devices.at("attic");
  EXPECT_TRUE(device.paused);
  EXPECT_EQ(device.message, "why");
  EXPECT_TRUE(device.settings.wait_for_end);
  EXPECT_EQ(device.settings.credentials, "/etc/ipm/secret");
  EXPECT_TRUE(device.settings.declared.find_boolean("color-supported").value_or(false));
  EXPECT_EQ(device.policy, (ErrorPolicy{OnFailure::AbortJob, OnDoubt::Again, 2}));

  TopologyChange none;
  none.default_printer = "";
  none.removed_logical = {"attic"};
  changes.clear();
  add_records(none, changes);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_FALSE(std::get<spool::Setting>(changes.back()).value) << "the setting goes";
}

TEST(ErrorPolicy, WordsAreReadAsTheyAreWritten) {
  for (const auto one :
       {OnFailure::Retry, OnFailure::HoldJob, OnFailure::AbortJob, OnFailure::StopPrinter}) {
    EXPECT_EQ(find_on_failure(to_text(one)), one);
  }
  EXPECT_EQ(find_on_doubt("again"), OnDoubt::Again);
  EXPECT_EQ(find_on_doubt("hold"), OnDoubt::Hold);
  EXPECT_FALSE(find_on_failure("retry-job"));
  EXPECT_FALSE(find_on_doubt(""));
}

}  // namespace
}  // namespace ipm::print
