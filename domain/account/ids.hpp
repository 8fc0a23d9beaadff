#pragma once

#include "domain/core/text.hpp"

namespace danwa::domain {

struct CompanyIdTag {
  static constexpr TextRules kRules{"company", 255, false};
};
struct UserIdTag {
  static constexpr TextRules kRules{"user", 255, false};
};
struct StoreIdTag {
  static constexpr TextRules kRules{"store", 255, false};
};

using CompanyId = BoundedText<CompanyIdTag>;  ///< the tenant; every other key is inside one company
using UserId = BoundedText<UserIdTag>;        ///< a person, inside a company
using StoreId = BoundedText<StoreIdTag>;      ///< a branch of a company

}  // namespace danwa::domain
