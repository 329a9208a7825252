#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include "plant_names.h"
#include "planted.h"
#include "seeds.h"
#include "world.h"

namespace ipm::simulation {
namespace {

class PlantedFault : public testing::TestWithParam<std::string> {
 protected:
  ~PlantedFault() override { awake = {}; }
};

TEST_P(PlantedFault, IsFound) {
  awake = GetParam();
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Report report = run(seed);
    if (!report.broken) continue;
    RecordProperty("seed", static_cast<int>(seed));
    RecordProperty("broken", *report.broken);
    return;
  }
  FAIL() << "none of " << kSeeds << " seeds finds it";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedFault, testing::ValuesIn(plant_names()), [](const auto& info) {
  std::string name;
  bool begins = true;
  for (const char c : info.param) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      name += begins ? static_cast<char>(std::toupper(c)) : c;
    begins = std::isalpha(static_cast<unsigned char>(c)) == 0;
  }
  return name;
});

}  // namespace
}  // namespace ipm::simulation
