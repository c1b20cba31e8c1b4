-- The record for the output to DataDog alone, where names are reserved: of two fields that change places, such as
-- a level that becomes what another one was called, both are taken out before either is put in.
function for_datadog(tag, time, record)
  local moved = {}
  for name, there in pairs(DATADOG.names) do
    moved[there], record[name] = record[name], nil
  end
  for name, value in pairs(moved) do record[name] = value end
  if record.namespace == CONTRACT.namespace and CONTRACT.services[record.app or ""] then
    record.service = DATADOG.services .. CONTRACT.services[record.app]
    record.version = record.version or DATADOG.version
  end
  return 2, time, record
end
