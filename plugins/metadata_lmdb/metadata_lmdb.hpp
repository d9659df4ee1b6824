// MetadataLmdb: the metadata store of a node, over one LMDB environment in the instance's folder.
// Made and ended on the control thread; its capability may be called from any.
#pragma once

#include <memory>
#include <span>

#include "committer.hpp"
#include "cpp/module.hpp"
#include "environment.hpp"

namespace gantry::metadata_lmdb {

class MetadataLmdb : public sdk::Module {
 public:
  using Module::Module;

  gantry_status start(gantry_token ready) override;    // [control]
  gantry_status drain(gantry_token drained) override;  // [control]
  void stop() override;                                // [control]

  // gantry.metadata_store
  gantry_status write(const gantry_call* call, std::span<const gantry_document> documents,
                      uint32_t flags, gantry_completion then);  // [any]
  gantry_status scan(gantry_str table, gantry_bytes from,
                     gantry_status (*each)(void*, const gantry_document*),
                     void* context);                                          // [worker]
  gantry_status read(gantry_str table, gantry_bytes key, gantry_slice& out);  // [worker]

 private:
  std::unique_ptr<Environment> environment_;
  std::shared_ptr<Committer> committer_;
  gantry_token commit_timer_ = 0;
};

}  // namespace gantry::metadata_lmdb
