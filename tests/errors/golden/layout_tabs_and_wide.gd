# tabs and wide characters stand before what is underlined
let 変数 = [1, 2]
if true {
		let 結果 = "ééé日本" + 変数
}
