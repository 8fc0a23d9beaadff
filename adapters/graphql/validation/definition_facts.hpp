#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/graphql/document.hpp"

namespace danwa::adapters::graphql {

/// A variable at a place that wants a type.
struct VariableUse {
  std::string name;
  const TypeRef* wanted = nullptr;  ///< null: the place is wrong itself, or takes anything
  bool has_default = false;         ///< the place has a default of its own
  Offset at = 0;
};

/// What the walk over one operation or fragment found, for the rules that follow fragments.
struct DefinitionFacts {
  std::vector<VariableUse> uses;
  std::vector<const FragmentSpread*> spreads;
};

/// Of every definition of a document; the keys lie in the document.
struct DocumentFacts {
  std::map<const Operation*, DefinitionFacts> operations;
  std::map<std::string, DefinitionFacts, std::less<>> fragments;  ///< of the first one of each name
};

}  // namespace danwa::adapters::graphql
