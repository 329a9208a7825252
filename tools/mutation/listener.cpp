// Linked into an instrumented test program: with IPM_MUTANT=-1 it writes, for each test, the mutants
// that it passes by and its milliseconds to the file IPM_MUTANT_LOG: "Suite.Name 12 3 7 9".
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <set>

#include "mutant.h"

namespace ipm_mutation {
namespace {

struct Reached {
  std::mutex mutex;
  std::set<int> numbers;
};

// Asked for before main() by other sources' initialisers, and after it by destructors.
Reached& record() {
  static auto* const kRecord = new Reached;  // NOLINT: lives to the end
  return *kRecord;
}

class Listener : public ::testing::EmptyTestEventListener {
  void OnTestEnd(const ::testing::TestInfo& test) override {
    Reached& seen = record();
    const std::lock_guard lock(seen.mutex);
    std::ofstream log(std::getenv("IPM_MUTANT_LOG"), std::ios::app);
    log << test.test_suite_name() << "." << test.name() << " " << test.result()->elapsed_time();
    for (const int number : seen.numbers) log << " " << number;
    log << "\n";
    // What threads reach between two tests counts for both.
  }
  void OnTestStart(const ::testing::TestInfo&) override {
    Reached& seen = record();
    const std::lock_guard lock(seen.mutex);
    seen.numbers.clear();
  }
};

const bool kListens = [] {
  if (awake == -1)
    ::testing::UnitTest::GetInstance()->listeners().Append(new Listener);  // owned there
  return true;
}();

}  // namespace

void reached(int number) {
  Reached& seen = record();
  const std::lock_guard lock(seen.mutex);
  seen.numbers.insert(number);
}

}  // namespace ipm_mutation
