"""What imports say to people, in both languages: why a file, a line or a cell was refused, and what was noticed."""

from collections.abc import Mapping
from typing import Final

from page_kit.language import Language, Say, Texts

# Why a whole file is refused.
FILE_TEXTS: Texts = {
    "file_empty": ("文件是空的", "the file is empty"),
    "file_large": ("文件太大：展开后最多 {most} MB", "expected at most {most} MB unpacked, found more"),
    "file_bomb": (
        "压缩比超过 {ratio} 倍，不像正常的表格，已拒绝",
        "expected a file that is packed less than {ratio} times, found more: it is refused as a bomb",
    ),
    "file_nested": ("压缩包里还是压缩包，请只压缩一层", "expected a file inside the archive, found another archive"),
    "file_foreign": ("这不是 CSV、XLSX 或 XML，而是：{found}", "expected CSV, XLSX or XML, found {found}"),
    "file_damaged": ("{what} 文件已损坏，请重新发送", "expected a sound {what} file, found it damaged"),
    "file_cut": ("{what} 文件不完整（被截断），请重新发送", "expected a whole {what} file, found it cut off"),
    "file_binary": ("这不是文本：里面有二进制内容", "expected text, found binary data"),
    "file_broken": (
        "读取时出了意外错误，已记入日志；数据没有改动",
        "the file could not be read because of a fault of ours, which is in the log; nothing was changed",
    ),
    "catalogue_refused": (
        "目录不接受：{found}；数据没有改动",
        "the catalogue refused it, and nothing was changed: {found}",
    ),
    "zip_of_several": ("压缩包里应只有一个文件，实际有 {found} 个", "expected one file in the archive, found {found}"),
    "zip_locked": ("压缩包有密码，请去掉密码再发送", "expected an archive without a password, found one with"),
    "bytes_unreadable": (
        "第 {line} 行有不属于 {encoding} 的字节 {found}：请选择正确的编码，或重新导出文件",
        "expected {encoding}, found the bytes {found} on line {line}: choose the encoding, or export the file again",
    ),
    "quote_open": (
        "第 {line} 行的引号没有结束，或引号后还有文字",
        "expected quotation marks in pairs, found one on line {line} that is not closed or has text behind it",
    ),
    "cell_long": (
        "第 {line} 行有一格超过 {most} 个字",
        "expected cells of at most {most} characters, found more on line {line}",
    ),
    "lines_many": ("最多 {most} 行，请拆成几个文件", "expected at most {most} lines, found more: split the file"),
    "columns_many": ("最多 {most} 列", "expected at most {most} columns, found more"),
    "header_missing": (
        "没有找到表头：前 {looked} 行里应有列名，例如 {example}",
        "expected a line of column names such as {example} within the first {looked}, found none",
    ),
    "lines_none": ("只有表头，没有数据行", "expected lines below the column names, found none"),
    "column_missing": (
        "缺少必需的列“{column}”：请在文件里加上，或指定哪一列是它",
        "expected a column “{column}”, found none: add it, or say which column it is",
    ),
    "column_doubled": (
        "有两列都指定为“{column}”，只能有一列",
        "expected one column “{column}”, found two",
    ),
    "table_damaged": (
        "XLSX 文件已损坏或不完整：{found}",
        "expected a sound XLSX file, found it damaged or cut off: {found}",
    ),
    "table_entities": ("XLSX 里有不允许的 DTD 或实体", "expected XLSX without DTD or entities, found one"),
    "table_rows": (
        "工作表的行号应在 Excel 的范围内，实际是 {found}",
        "expected rows numbered as Excel does, found {found}",
    ),
    "sheet_missing": ("没有名为“{sheet}”的工作表", "expected a sheet named “{sheet}”, found none"),
    "sheets_none": ("文件里没有工作表", "expected a sheet, found none"),
    "xml_broken": (
        "XML 在第 {line} 行出错或被截断：{found}",
        "expected sound XML, found it broken or cut off at line {line}: {found}",
    ),
    "xml_entities": (
        "XML 里有 DTD 或实体，出于安全已拒绝",
        "expected XML without DTD or entities, found one: it is refused",
    ),
    "aces_not": ("这不是 ACES 文件：根元素是 {found}", "expected an ACES file, found XML with the root {found}"),
    "aces_version": ("支持 ACES 3.x 和 4.x，这个文件是 {found}", "expected ACES 3 or 4, found version {found}"),
    "aces_count": (
        "结尾写的是 {told} 条，实际有 {found} 条：文件不完整",
        "expected {told} applications as the footer says, found {found}: the file is not whole",
    ),
    "aces_footer": (
        "没有结尾的 RecordCount：文件不完整",
        "expected a footer with a RecordCount, found none: the file is not whole",
    ),
}

# What was expected in a cell or a line.
EXPECTED_TEXTS: Texts = {
    "something": ("不能为空", "something"),
    "text_short": ("最多 {most} 个字", "at most {most} characters"),
    "text_clean": ("没有控制字符的文字", "text without control characters"),
    "no_error": ("一个值，而不是 Excel 的错误", "a value, not an error of Excel's"),
    "number_not_date": (
        "编号（Excel 把它变成了日期：请把这一列设为文本）",
        "a number that Excel has not turned into a date: format the column as text",
    ),
    "number_not_scientific": (
        "完整的编号（Excel 把它缩成了科学计数法：请把这一列设为文本）",
        "the whole number, which Excel has shortened: format the column as text",
    ),
    "a_number": ("数字", "a number"),
    "a_whole_number": ("整数", "a whole number"),
    "a_number_that_is_one": (
        "明确的数字（1,234 是一千多，还是一点二？请选择小数符号）",
        "a number that can be read in one way only: say what the decimal mark is",
    ),
    "number_with_point": ("用小数点的数字，如 1,234.56", "a number with a decimal point, such as 1,234.56"),
    "number_with_comma": ("用小数逗号的数字，如 1.234,56", "a number with a decimal comma, such as 1.234,56"),
    "in_range": ("{least} 到 {most} 之间的整数", "{least} to {most}"),
    "a_mass_with_unit": ("带单位的质量：mg、g 或 kg", "a mass whose unit is known: mg, g or kg"),
    "money_with_unit": ("单位明确的金额：元或分", "money whose unit is known"),
    "money_to_the_cent": ("精确到分的金额", "money in whole cents"),
    "tax_in_percent": ("百分数，如 13 %", "a rate in per cent, such as 13 %"),
    "a_category": (
        "外观件、底盘件、发动机件、电子电器件或易损易耗件",
        "appearance, chassis, engine, electrical or wearing",
    ),
    "a_unit": ("件或克", "piece or gram"),
    "yes_or_no": ("是或否", "yes or no"),
    "a_day": ("日期，如 2026-11-22", "a day such as 2026-11-22"),
    "a_gtin": ("8、12、13 或 14 位且校验位正确的 GTIN", "a GTIN of 8, 12, 13 or 14 digits with a sound check digit"),
    "an_address": ("http:// 或 https:// 开头的地址", "an address that begins with http:// or https://"),
    "a_reference_kind": ("OE、竞品或旧号", "oe, competitor or old"),
    "a_currency": ("三个字母的货币代码，如 CNY", "a currency of three letters, such as CNY"),
    "a_year": ("1900 到 2100 年", "a year from 1900 to 2100"),
    "years_in_order": ("起始年不晚于截止年", "a first year that is not after the last"),
    "a_wmi": ("VIN 的前三位（不含 I、O、Q）", "the first three characters of a VIN, without I, O and Q"),
    "a_pattern": ("VIN 第 4 位起的字符，? 代表任意", "the characters of a VIN behind the WMI, ? for any"),
    "a_vin": ("17 位 VIN（不含 I、O、Q）", "a VIN of 17 characters without I, O and Q"),
    "a_vehicle": ("车型、发动机或 BaseVehicle 至少一个", "a make, an engine or a base vehicle"),
    "plate_or_vin": ("车牌或 VIN", "a plate or a VIN"),
    "known_part": ("目录里已有的配件", "a part of the catalogue"),
    "known_shop": ("你的一家店", "a shop of yours"),
    "once": ("每个只出现一次（已在第 {line} 行）", "each once (it is on line {line} already)"),
    "no_circle": ("不成环的替代关系（{circle}）", "a supersession that does not lead back ({circle})"),
    "fixed_unit": ("和以前一样的单位（{unit}）", "{unit}, as it was counted so far"),
    "action_a_or_d": ("动作 A 或 D", "the action A or D"),
    "columns_as_header": ("最多 {most} 格，和表头一样", "at most {most} cells, as the column names"),
    "not_billed": (
        "没有结过账的价格：新价格请用更晚的生效日期",
        "a price that no closed statement rests on: say the new one from a later day",
    ),
    "own_gtin": ("没有别的配件使用的 GTIN（{part} 已用）", "a GTIN that no other part has ({part} has it)"),
}

# What was noticed and does not stop anything.
NOTED_TEXTS: Texts = {
    "looks_like_date": ("像是被 Excel 变成日期的编号", "looks like a number that Excel turned into a date"),
    "digits_lost": (
        "超过 15 位的数字在 Excel 里会丢失末尾几位",
        "Excel keeps 15 digits: the last ones may be lost",
    ),
    "zeros_lost": (
        "目录里有 {part}：前面的 0 可能在 Excel 里丢了",
        "the catalogue has {part}: leading zeros may have been lost in Excel",
    ),
    "zeros_restored": ("前面的 0 已补回：{gtin}", "leading zeros put back: {gtin}"),
    "unknown_successor": ("替代它的 {part} 不在目录里", "{part}, which replaces it, is not in the catalogue"),
    "delete_missing": ("要删除的适用关系本来就没有", "the application to be deleted is not there"),
}

# What the report says of the file as a whole.
SAID_TEXTS: Texts = {
    "said_encoding": ("编码：{encoding}（{how}）", "Encoding: {encoding} ({how})"),
    "how_bom": ("文件开头的标记", "by its mark"),
    "how_ascii": ("只有英文和数字", "letters and digits only"),
    "how_valid": ("内容符合", "by its content"),
    "how_common": ("都是常用汉字", "by its common Chinese letters"),
    "how_chosen": ("由你选择", "as you chose"),
    "how_guessed": ("猜测，请确认", "guessed: please confirm"),
    "said_delimiter": ("分隔符：{delimiter}", "Columns are separated by {delimiter}"),
    "delimiter_,": ("逗号", "commas"),
    "delimiter_;": ("分号", "semicolons"),
    "delimiter_\t": ("制表符", "tabs"),
    "delimiter_|": ("竖线", "bars"),
    "said_header": ("表头在第 {line} 行", "Column names are on line {line}"),
    "said_sheet": ("工作表：{sheet}（共 {count} 个）", "Sheet: {sheet} (one of {count})"),
    "said_formulas": (
        "有 {count} 个公式：取 Excel 上次算出的值",
        "{count} formulas: the values that Excel computed last are taken",
    ),
    "said_merged": (
        "有 {count} 处合并单元格：只有第一格有值",
        "{count} merged cells: only the first of each has a value",
    ),
    "said_macros": ("文件里有宏：不会运行", "The file has macros: they are ignored"),
    "said_hidden": ("工作表“{sheet}”是隐藏的", "The sheet “{sheet}” is hidden"),
    "said_unused": ("没有用到的列：{columns}", "Columns that are not taken: {columns}"),
    "said_decimal": ("小数符号：{mark}", "Decimal mark: {mark}"),
    "said_aces": (
        "ACES {version}，{company}，{title}，{date}，{submission}",
        "ACES {version}, {company}, {title}, {date}, {submission}",
    ),
    "said_aces_ids": (
        "车型、发动机和位置是 ACES 的编号；PartType 不保存",
        "Vehicles, engines and positions are ACES ids; the PartType is not kept",
    ),
    "said_aces_full": (
        "文件自称是完整目录（Full）：要删除文件里没有的适用关系，请选“替换”",
        "The file says that it is complete (Full): choose “replace” to remove applications that it does not have",
    ),
    "said_aces_skipped": ("{count} 个 {element} 元素没有读取", "{count} {element} elements were not read"),
}

TEXTS: Texts = {**FILE_TEXTS, **EXPECTED_TEXTS, **NOTED_TEXTS, **SAID_TEXTS}
SAYS: Final[Mapping[Language, Say]] = {language: Say(language, TEXTS) for language in ("zh", "en")}
