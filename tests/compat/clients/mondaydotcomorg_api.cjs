// npm `@mondaydotcomorg/api`, the provider's own: takes the address as an option. Prints what it read back.
const { ApiClient } = require("@mondaydotcomorg/api");

const [url, boardId] = process.argv.slice(2);
const client = new ApiClient({ token: process.env.PRACTICE_TOKEN, endpoint: url, apiVersion: "2026-10" });

async function main() {
  const me = await client.operations.getMeOp();
  const { create_group: group } = await client.request(
    "mutation ($board: ID!, $name: String!) { create_group(board_id: $board, group_name: $name) { id } }",
    { board: boardId, name: "GREYSON CLOTHIERS" },
  );
  const { create_item: item } = await client.operations.createItemOp({
    boardId,
    groupId: group.id,
    itemName: "GRE-10442",
  });
  const { create_subitem: subitem } = await client.request(
    "mutation ($item: ID!, $values: JSON) {" +
      " create_subitem(parent_item_id: $item, item_name: \"XL\", column_values: $values) { id } }",
    { item: item.id, values: JSON.stringify({ size: "XL", pieces: "12" }) },
  );
  const change = { boardId, itemId: item.id };
  await client.operations.changeSimpleColumnValueOp({ ...change, columnId: "key", value: "PO 8812" });
  await client.operations.changeColumnValueOp({
    ...change,
    columnId: "state",
    value: JSON.stringify({ label: "Done" }),
  });
  await client.operations.changeMultipleColumnValuesOp({
    ...change,
    columnValues: JSON.stringify({ qty: "12", due: { date: "2026-11-22" }, season: { labels: ["SS26"] } }),
  });
  const read = await client.request(
    "query ($ids: [ID!]) { items(ids: $ids) { name column_values { id text } board { columns { id } } } }",
    { ids: [item.id] },
  );
  const groups = await client.operations.getBoardGroupsOp({ ids: [boardId] });
  const items = await client.operations.getBoardItemsOp({ ids: [boardId] });
  console.log(
    JSON.stringify({
      me,
      group_id: group.id,
      item_id: item.id,
      subitem_id: subitem.id,
      names: read.items.map((entry) => entry.name),
      values: Object.fromEntries(read.items[0].column_values.map((value) => [value.id, value.text])),
      column_count: read.items[0].board.columns.length,
      groups,
      items,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
