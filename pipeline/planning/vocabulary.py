"""Words by which a slide tells what it is for where its layout does not: lower case, how its title begins."""

from __future__ import annotations

CLOSING_TITLES = (
    "thank you", "thanks", "thank-you", "many thanks", "questions", "any questions", "q&a", "q & a", "q and a",
    "questions and answers", "discussion", "the end", "fin", "end", "contact", "contacts", "contact us", "get in touch",
    "спасибо", "благодарю", "благодарим", "вопросы", "ваши вопросы", "контакты", "конец", "обсуждение",
    "дякую", "дякуємо", "дякую за увагу", "питання", "запитання", "контакти", "кінець",
    "danke", "vielen dank", "herzlichen dank", "fragen", "noch fragen", "kontakt", "ende", "diskussion",
    "merci", "merci beaucoup", "des questions", "vos questions", "nous contacter", "contactez-nous",
    "gracias", "muchas gracias", "preguntas", "contacto", "fin de la presentación",
    "obrigado", "obrigada", "muito obrigado", "perguntas", "dúvidas", "contato", "contatos", "contacto",
    "grazie", "domande", "contatti", "fine",
    "dank u", "bedankt", "vragen", "dziękuję", "dziękujemy", "pytania", "děkuji", "děkuji za pozornost", "dotazy",
    "teşekkürler", "sorular", "iletişim", "tack", "tak", "frågor", "kiitos", "takk",
    "谢谢", "感谢", "致谢", "问题", "联系我们", "提问", "謝謝", "ありがとうございました", "ご清聴ありがとう",
    "質疑応答", "감사합니다", "질문", "תודה", "שאלות", "צור קשר", "شكرا", "شكراً", "أسئلة", "اتصل بنا", "ευχαριστώ",
    "धन्यवाद", "cảm ơn", "terima kasih",
)  # fmt: skip

SECTION_LAYOUTS = (
    "section", "divider", "раздел", "розділ", "abschnitt", "kapitel", "sección", "seção", "sezione",
    "intertitre", "titre de section", "节标题", "節標題", "セクション", "구역", "כותרת מקטע", "כותרת קטע", "مقطع",
)  # fmt: skip
